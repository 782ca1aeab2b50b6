package app

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

// RemoveAll is Remove for many, and returns what came of each; KindNotFound is the
// result of a torrent that the actor may not see. A dry run finds the same and
// removes nothing.
func (a *Torrents) RemoveAll(ctx context.Context, actor domain.Actor, selection SelectTorrents, deleteData, dryRun bool) ([]ChangedTorrent, error) {
	removal, err := a.removal(ctx, deleteData)
	if err != nil {
		return nil, err
	}
	return a.changeSelected(ctx, selection, &changes{actor: actor, transition: removal, removedToo: true, dryRun: dryRun})
}
