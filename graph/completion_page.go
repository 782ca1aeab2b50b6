package graph

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
)

// completions lets only completions through, of what filter does.
func completions(filter *domain.EventFilter) *domain.EventFilter {
	only := eventFilter(filter)
	only.Types = []domain.EventType{domain.EventCompleted}
	return &only
}

func (r *Resolver) completionPage(ctx context.Context, first int, after *string, filter *domain.EventFilter) (generated.CompletionConnection, error) {
	nodes, info, err := r.eventPage(ctx, first, after, completions(filter))
	if err != nil {
		return generated.CompletionConnection{}, err
	}
	edges := make([]*generated.CompletionEdge, len(nodes))
	for i, node := range nodes {
		edges[i] = &generated.CompletionEdge{Cursor: node.Cursor.String(), Node: node}
	}
	return generated.CompletionConnection{Edges: edges, Nodes: nodes, PageInfo: info}, nil
}
