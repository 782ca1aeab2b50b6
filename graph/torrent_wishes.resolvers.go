package graph

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
)

func (r *mutationResolver) PauseTorrent(ctx context.Context, input generated.PauseTorrentInput) (generated.PauseTorrentPayload, error) {
	torrent, err := r.Torrents.Pause(ctx, actorOf(ctx), input.ID)
	return generated.PauseTorrentPayload{Torrent: torrent}, err
}

func (r *mutationResolver) ResumeTorrent(ctx context.Context, input generated.ResumeTorrentInput) (generated.ResumeTorrentPayload, error) {
	torrent, err := r.Torrents.Resume(ctx, actorOf(ctx), input.ID)
	return generated.ResumeTorrentPayload{Torrent: torrent}, err
}

func (r *mutationResolver) VerifyTorrent(ctx context.Context, input generated.VerifyTorrentInput) (generated.VerifyTorrentPayload, error) {
	torrent, err := r.Torrents.Verify(ctx, actorOf(ctx), input.ID)
	return generated.VerifyTorrentPayload{Torrent: torrent}, err
}

func (r *mutationResolver) PauseTorrents(ctx context.Context, input generated.PauseTorrentsInput) (generated.PauseTorrentsPayload, error) {
	selection := selectTorrents(input.Ids, input.Filter, input.All, input.AtMost)
	changed, err := r.Torrents.PauseAll(ctx, actorOf(ctx), selection, input.DryRun)
	results, failed := r.torrentResults(ctx, changed)
	return generated.PauseTorrentsPayload{Results: results, Succeeded: len(results) - failed, Failed: failed}, err
}

func (r *mutationResolver) ResumeTorrents(ctx context.Context, input generated.ResumeTorrentsInput) (generated.ResumeTorrentsPayload, error) {
	selection := selectTorrents(input.Ids, input.Filter, input.All, input.AtMost)
	changed, err := r.Torrents.ResumeAll(ctx, actorOf(ctx), selection, input.DryRun)
	results, failed := r.torrentResults(ctx, changed)
	return generated.ResumeTorrentsPayload{Results: results, Succeeded: len(results) - failed, Failed: failed}, err
}

func (r *mutationResolver) VerifyTorrents(ctx context.Context, input generated.VerifyTorrentsInput) (generated.VerifyTorrentsPayload, error) {
	selection := selectTorrents(input.Ids, input.Filter, input.All, input.AtMost)
	changed, err := r.Torrents.VerifyAll(ctx, actorOf(ctx), selection, input.DryRun)
	results, failed := r.torrentResults(ctx, changed)
	return generated.VerifyTorrentsPayload{Results: results, Succeeded: len(results) - failed, Failed: failed}, err
}

func (r *torrentServerResolver) Capabilities(ctx context.Context, obj *domain.Server) ([]domain.Capability, error) {
	return r.Servers.Capabilities(obj), nil
}
