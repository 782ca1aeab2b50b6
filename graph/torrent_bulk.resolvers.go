package graph

import (
	"context"

	"github.com/clarion-app/download-manager/graph/generated"
)

func (r *mutationResolver) AddTorrents(ctx context.Context, input generated.AddTorrentsInput) (generated.AddTorrentsPayload, error) {
	added, err := r.Torrents.AddAll(ctx, actorOf(ctx), input.Torrents, input.DryRun)
	results, failed := r.addResults(ctx, added)
	return generated.AddTorrentsPayload{Results: results, Succeeded: len(results) - failed, Failed: failed}, err
}

func (r *mutationResolver) UpdateTorrents(ctx context.Context, input generated.UpdateTorrentsInput) (generated.UpdateTorrentsPayload, error) {
	selection := selectTorrents(input.Ids, input.Filter, input.All, input.AtMost)
	changed, err := r.Torrents.UpdateAll(ctx, actorOf(ctx), selection, changesOfMany(input), input.DryRun)
	results, failed := r.torrentResults(ctx, changed)
	return generated.UpdateTorrentsPayload{Results: results, Succeeded: len(results) - failed, Failed: failed}, err
}

func (r *mutationResolver) RemoveTorrents(ctx context.Context, input generated.RemoveTorrentsInput) (generated.RemoveTorrentsPayload, error) {
	selection := selectTorrents(input.Ids, input.Filter, input.All, input.AtMost)
	removed, err := r.Torrents.RemoveAll(ctx, actorOf(ctx), selection, input.DeleteData, input.DryRun)
	results, failed := r.torrentResults(ctx, removed)
	return generated.RemoveTorrentsPayload{Results: results, Succeeded: len(results) - failed, Failed: failed}, err
}

func (r *mutationResolver) MarkTorrentsIncomplete(ctx context.Context, input generated.MarkTorrentsIncompleteInput) (generated.MarkTorrentsIncompletePayload, error) {
	selection := selectTorrents(input.Ids, input.Filter, input.All, input.AtMost)
	changed, err := r.Torrents.MarkAllIncomplete(ctx, actorOf(ctx), selection, input.DryRun)
	results, failed := r.torrentResults(ctx, changed)
	return generated.MarkTorrentsIncompletePayload{Results: results, Succeeded: len(results) - failed, Failed: failed}, err
}
