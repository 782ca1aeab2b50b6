package graph

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
	"github.com/clarion-app/download-manager/graph/page"
)

func (r *completionResolver) Torrent(ctx context.Context, objs []*domain.Event) ([]*domain.Torrent, error) {
	return r.torrentsOf(ctx, objs)
}

func (r *queryResolver) Completions(ctx context.Context, first int, after *string, filter *domain.EventFilter) (page.Connection[*domain.Event], error) {
	return r.eventPage(ctx, first, after, completions(filter))
}

func (r *subscriptionResolver) TorrentCompleted(ctx context.Context, after *string, consumer *string, filter *domain.EventFilter) (<-chan domain.Event, error) {
	return r.watch(ctx, after, consumer, completions(filter))
}

func (r *Resolver) Completion() generated.CompletionResolver { return &completionResolver{r} }

type completionResolver struct{ *Resolver }
