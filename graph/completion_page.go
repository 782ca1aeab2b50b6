package graph

import (
	"context"
	"errors"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
)

func (r *Resolver) completionPage(ctx context.Context, first int, after *string) (generated.CompletionConnection, error) {
	place, err := parsed(after, domain.ParseCursor)
	if err := errors.Join(checkFirst(first), err); err != nil {
		return generated.CompletionConnection{}, err
	}
	rows, err := r.Events.FindCompletions(ctx, actorOf(ctx), place, first+1)
	if err != nil {
		return generated.CompletionConnection{}, err
	}
	page, more := cut(rows, first)
	nodes := make([]*domain.Event, len(page))
	edges := make([]*generated.CompletionEdge, len(page))
	for i := range page {
		nodes[i] = &page[i]
		edges[i] = &generated.CompletionEdge{Cursor: page[i].Cursor.String(), Node: nodes[i]}
	}
	cursor := func(i int) string { return edges[i].Cursor }
	return generated.CompletionConnection{
		Edges: edges, Nodes: nodes, PageInfo: newPageInfo(len(page), cursor, more, after != nil),
	}, nil
}
