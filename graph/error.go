package graph

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/clarion-app/download-manager/domain"
)

// statuses is how HTTP calls the kinds of error, for requests that are refused
// before anything of them is carried out. (GraphQL answers everything else with 200.)
var statuses = map[domain.Kind]int{
	domain.KindInvalid:         http.StatusBadRequest,
	domain.KindNotFound:        http.StatusNotFound,
	domain.KindConflict:        http.StatusConflict,
	domain.KindForbidden:       http.StatusForbidden,
	domain.KindUnauthenticated: http.StatusUnauthorized,
	domain.KindUnavailable:     http.StatusServiceUnavailable,
	domain.KindCursorExpired:   http.StatusGone,
	domain.KindInternal:        http.StatusInternalServerError,
}

// presenter decides what of an error a client gets to see: domain's errors, which
// are written for users, and the executor's about the document. All else is ours: it
// is logged whole and shown as "internal error".
type presenter struct{ log *slog.Logger }

// present implements graphql.ErrorPresenterFunc. Of joined errors it shows the first;
// split makes the rest of them later, since a presenter answers with one.
func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	located := gqlerror.Wrap(err)
	if found, ok := errors.AsType[*gqlerror.Error](err); ok {
		located = found
	}
	path, argument := fieldPath(ctx, located.Path)
	known := domain.Errors(err)
	switch {
	case len(known) > 0 && known[0].Kind != domain.KindInternal:
		shown := show(known[0], argument)
		shown.Path, shown.Locations, shown.Err = path, located.Locations, err
		return shown
	case len(known) == 0 && aboutDocument(located):
		shown := show(&domain.Error{Kind: domain.KindInvalid, Message: located.Message}, lastName(located.Path))
		shown.Locations = located.Locations
		return shown
	}
	switch {
	case tookTooLong(ctx):
		shown := show(tooLong(), "")
		shown.Path, shown.Locations = path, located.Locations
		return shown
	case ctx.Err() != nil:
		p.log.DebugContext(ctx, "graphql: given up", "path", path.String(), "error", err)
	case !errors.Is(err, errPanic):
		p.log.ErrorContext(ctx, "graphql: internal error", "path", path.String(), "error", err)
	}
	shown := show(&domain.Error{Kind: domain.KindInternal}, "")
	shown.Path, shown.Locations = path, located.Locations
	return shown
}

// show writes one error down. field is the input at fault where the error does not
// say so itself.
func show(err *domain.Error, field string) *gqlerror.Error {
	if err.Field != "" {
		field = err.Field
	}
	shown := &gqlerror.Error{
		Message:    domain.MessageOf(err),
		Extensions: map[string]any{"code": string(err.Kind)},
	}
	if field != "" {
		shown.Message = field + ": " + shown.Message
		shown.Extensions["field"] = field
	}
	if err.Kind == domain.KindCursorExpired {
		shown.Extensions["oldestCursor"] = err.Oldest.String()
	}
	return shown
}

// mostRefusals is how many errors of a refused document are told: each word of it may be
// one, and the answer be many times as long.
const mostRefusals = 20

// split makes several errors of those that were joined.
func split(shown gqlerror.List) gqlerror.List {
	var all gqlerror.List
	for _, err := range shown {
		all = append(all, err)
		for i, more := range domain.Errors(err.Err) {
			if i > 0 {
				extra := show(more, "")
				extra.Path, extra.Locations = err.Path, err.Locations
				all = append(all, extra)
			}
		}
	}
	return all
}

// aboutDocument reports whether the executor itself found the document, or the
// variables, wanting.
func aboutDocument(err *gqlerror.Error) bool {
	code, _ := err.Extensions["code"].(string)
	return code == errcode.ParseFailed || code == errcode.ValidationFailed
}

// fieldPath cuts from a path what leads on into a field's arguments, and names the
// input that it leads to.
func fieldPath(ctx context.Context, path ast.Path) (ast.Path, string) {
	field := graphql.GetFieldContext(ctx)
	if field == nil {
		return path, ""
	}
	if length := len(field.Path()); len(path) > length {
		return path[:length], lastName(path[length:])
	}
	return path, ""
}

func lastName(path ast.Path) string {
	for i := len(path) - 1; i >= 0; i-- {
		if name, ok := path[i].(ast.PathName); ok {
			return string(name)
		}
	}
	return ""
}

// errPanic stands for a panic, which is in the log already. Its text may be shown: the
// socket transport does, past the presenter.
var errPanic = errors.New("internal error")

// recovered implements graphql.RecoverFunc.
func (p presenter) recovered(ctx context.Context, cause any) error {
	p.log.ErrorContext(ctx, "graphql: panic", "cause", cause, "stack", string(debug.Stack()))
	return errPanic
}
