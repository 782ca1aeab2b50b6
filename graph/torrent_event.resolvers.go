package graph

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
	"github.com/clarion-app/download-manager/graph/page"
)

func (r *queryResolver) TorrentEvents(ctx context.Context, first int, after *string, filter *domain.EventFilter) (page.Connection[*domain.Event], error) {
	return r.eventPage(ctx, first, after, filter)
}

func (r *subscriptionResolver) TorrentChanged(ctx context.Context, after *string, consumer *string, filter *domain.EventFilter) (<-chan domain.Event, error) {
	return r.watch(ctx, after, consumer, filter)
}

func (r *torrentEventResolver) Torrent(ctx context.Context, objs []*domain.Event) ([]*domain.Torrent, error) {
	return r.torrentsOf(ctx, objs)
}

func (r *torrentEventResolver) Server(ctx context.Context, objs []*domain.Event) ([]domain.Server, error) {
	return r.serversByID(ctx, each(objs, serverIDOf))
}

func (r *Resolver) TorrentEvent() generated.TorrentEventResolver { return &torrentEventResolver{r} }

type torrentEventResolver struct{ *Resolver }
