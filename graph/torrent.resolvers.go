package graph

import (
	"context"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
)

func (r *mutationResolver) AddTorrent(ctx context.Context, input app.AddTorrent) (generated.AddTorrentPayload, error) {
	torrent, err := r.Torrents.Add(ctx, actorOf(ctx), input)
	return generated.AddTorrentPayload{Torrent: torrent}, err
}

func (r *mutationResolver) UpdateTorrent(ctx context.Context, input generated.UpdateTorrentInput) (generated.UpdateTorrentPayload, error) {
	torrent, err := r.Torrents.Update(ctx, actorOf(ctx), input.ID, torrentChanges(input))
	return generated.UpdateTorrentPayload{Torrent: torrent}, err
}

func (r *mutationResolver) RemoveTorrent(ctx context.Context, input generated.RemoveTorrentInput) (generated.RemoveTorrentPayload, error) {
	torrent, err := r.Torrents.Remove(ctx, actorOf(ctx), input.ID, input.DeleteData)
	return generated.RemoveTorrentPayload{Torrent: torrent}, err
}

func (r *mutationResolver) MarkTorrentIncomplete(ctx context.Context, input generated.MarkTorrentIncompleteInput) (generated.MarkTorrentIncompletePayload, error) {
	torrent, err := r.Torrents.MarkIncomplete(ctx, actorOf(ctx), input.ID)
	return generated.MarkTorrentIncompletePayload{Torrent: torrent}, err
}

func (r *queryResolver) Torrent(ctx context.Context, id string) (*domain.Torrent, error) {
	return get(ctx, id, r.Resolver.Torrents.Get)
}

func (r *torrentResolver) Server(ctx context.Context, objs []*domain.Torrent) ([]domain.Server, error) {
	return r.serversOf(ctx, objs)
}

func (r *torrentResolver) User(ctx context.Context, objs []*domain.Torrent) ([]*domain.User, error) {
	return loadersOf(ctx).users.load(ctx, each(objs, userID))
}

func (r *torrentResolver) Progress(ctx context.Context, objs []*domain.Torrent) ([]*domain.Transfer, error) {
	return loadersOf(ctx).progress.load(ctx, objs)
}

func (r *Resolver) Torrent() generated.TorrentResolver { return &torrentResolver{r} }

type torrentResolver struct{ *Resolver }
