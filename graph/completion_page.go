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
	found, err := r.Events.Find(ctx, actorOf(ctx), place, completions(), first)
	if err != nil {
		return generated.CompletionConnection{}, err
	}
	page, more := found.Events, found.More
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

// completed follows completions.
func (r *Resolver) completed(ctx context.Context, after *string) (<-chan domain.Event, error) {
	place, err := parsed(after, domain.ParseCursor)
	if err != nil {
		return nil, err
	}
	return r.Events.Watch(ctx, func() domain.Actor { return actorOf(ctx) }, place, completions())
}

func completions() domain.EventFilter {
	return domain.EventFilter{Types: []domain.EventType{domain.EventCompleted}}
}
