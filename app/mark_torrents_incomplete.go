package app

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

// MarkAllIncomplete is MarkIncomplete for many, and returns what came of each;
// KindNotFound is the result of a torrent that the actor may not see. A dry run finds
// the same and changes nothing.
func (a *Torrents) MarkAllIncomplete(ctx context.Context, actor domain.Actor, selection SelectTorrents, dryRun bool) ([]ChangedTorrent, error) {
	return a.changeSelected(ctx, selection, &changes{
		actor: actor, transition: a.markIncomplete, dryRun: dryRun,
	})
}

func (a *Torrents) markIncomplete(t *domain.Torrent) error {
	t.MarkIncomplete(a.Now())
	return nil
}
