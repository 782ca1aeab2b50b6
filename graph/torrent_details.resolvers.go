package graph

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

func (r *torrentResolver) Files(ctx context.Context, obj *domain.Torrent, first int, after int) ([]*domain.TransferFile, error) {
	files, err := r.Details.Files(ctx, obj)
	return firstOf(behind(files, after), first, err)
}

func (r *torrentResolver) Trackers(ctx context.Context, obj *domain.Torrent, first int) ([]*domain.Tracker, error) {
	trackers, err := r.Details.Trackers(ctx, actorOf(ctx), obj)
	return firstOf(trackers, first, err)
}

func (r *torrentResolver) ConnectedPeers(ctx context.Context, obj *domain.Torrent, first int) ([]*domain.Peer, error) {
	peers, err := r.Details.Peers(ctx, obj)
	return firstOf(peers, first, err)
}
