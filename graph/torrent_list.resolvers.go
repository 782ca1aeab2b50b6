package graph

import (
	"context"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
	"github.com/clarion-app/download-manager/graph/page"
	"github.com/google/uuid"
)

func (r *queryResolver) Torrents(ctx context.Context, first *int, after *string, last *int, before *string, filter *domain.TorrentFilter, orderBy *domain.TorrentOrder) (page.Connection[*domain.Torrent], error) {
	return r.torrentPage(ctx, page.Request{First: first, After: after, Last: last, Before: before}, filter, orderBy)
}

func (r *queryResolver) TorrentCounts(ctx context.Context, filter *domain.TorrentFilter) (domain.TorrentCounts, error) {
	return r.Resolver.Torrents.CountBy(ctx, actorOf(ctx), orZeroValue(filter))
}

func (r *torrentServerCountResolver) Server(ctx context.Context, objs []*domain.ServerCount) ([]domain.Server, error) {
	return r.serversByID(ctx, each(objs, func(c *domain.ServerCount) uuid.UUID { return c.ServerID }))
}

func (r *torrentUserCountResolver) User(ctx context.Context, objs []*domain.UserCount) ([]*domain.User, error) {
	return loadersOf(ctx).users.load(ctx, each(objs, func(c *domain.UserCount) uuid.UUID { return orZeroValue(c.UserID) }))
}

func (r *torrentFilterResolver) CreatedFrom(ctx context.Context, obj *domain.TorrentFilter, data *time.Time) error {
	obj.Created.From = data
	return nil
}

func (r *torrentFilterResolver) CreatedBefore(ctx context.Context, obj *domain.TorrentFilter, data *time.Time) error {
	obj.Created.Before = data
	return nil
}

func (r *torrentFilterResolver) CompletedFrom(ctx context.Context, obj *domain.TorrentFilter, data *time.Time) error {
	obj.Completed.From = data
	return nil
}

func (r *torrentFilterResolver) CompletedBefore(ctx context.Context, obj *domain.TorrentFilter, data *time.Time) error {
	obj.Completed.Before = data
	return nil
}

func (r *Resolver) TorrentServerCount() generated.TorrentServerCountResolver {
	return &torrentServerCountResolver{r}
}

func (r *Resolver) TorrentUserCount() generated.TorrentUserCountResolver {
	return &torrentUserCountResolver{r}
}

func (r *Resolver) TorrentFilter() generated.TorrentFilterResolver { return &torrentFilterResolver{r} }

type (
	torrentServerCountResolver struct{ *Resolver }
	torrentUserCountResolver   struct{ *Resolver }
	torrentFilterResolver      struct{ *Resolver }
)
