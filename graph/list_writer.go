package graph

import (
	"context"
	"io"

	"github.com/99designs/gqlgen/graphql"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/page"
	"github.com/clarion-app/download-manager/graph/table"
)

// listWriter writes whole lists of objects as JSON in one pass. The executor would
// start a goroutine for each object and allocate for each field, which takes several
// times as long as all else that a page of torrents needs. What comes out is the same
// to the byte; a list of which something is asked that its table does not know, or in
// which something goes wrong, is left to the executor. (docs/decisions/0009)
type listWriter struct {
	torrents *table.Of[domain.Torrent]
	edges    *table.Of[page.TorrentEdge]
	servers  *table.Of[domain.Server]
}

var _ graphql.FieldInterceptor = (*listWriter)(nil)

// ExtensionName implements graphql.HandlerExtension.
func (w *listWriter) ExtensionName() string { return "ListWriter" }

// Validate implements graphql.HandlerExtension.
func (w *listWriter) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptField implements graphql.FieldInterceptor. The executor takes a Marshaler
// in the place of a field's value for what is to be sent.
func (w *listWriter) InterceptField(ctx context.Context, next graphql.Resolver) (any, error) {
	value, err := next(ctx)
	if err != nil {
		return value, err
	}
	switch list := value.(type) {
	case []*domain.Torrent:
		return writtenOr(ctx, w.torrents, list, value), nil
	case []page.TorrentEdge:
		return writtenOr(ctx, w.edges, pointers(list), value), nil
	case []*domain.Server:
		return writtenOr(ctx, w.servers, list, value), nil
	}
	return value, nil
}

// writtenOr returns the list as it is to be sent, or else value, with which the
// executor goes on.
func writtenOr[T any](ctx context.Context, of *table.Of[T], list []*T, value any) any {
	if of == nil {
		return value
	}
	field := graphql.GetFieldContext(ctx).Field
	if text, ok := of.Write(ctx, graphql.GetOperationContext(ctx), field, list); ok {
		return written(text)
	}
	return value
}

// written is finished JSON.
type written []byte

// MarshalGQL implements graphql.Marshaler.
func (text written) MarshalGQL(w io.Writer) { _, _ = w.Write(text) }
