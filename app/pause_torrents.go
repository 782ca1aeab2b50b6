package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// Pause has a torrent stopped by its client, whenever that can be reached: nothing of
// it is downloaded or given to others until it is resumed. Repeating it is fine, and
// tells the client again. KindInvalid when its type of client cannot; KindNotFound as
// Get.
func (a *Torrents) Pause(ctx context.Context, actor domain.Actor, id uuid.UUID) (*domain.Torrent, error) {
	return a.wishOne(ctx, actor, id, domain.Wishes{Paused: Some(true)})
}

// PauseAll is Pause for many, and returns what came of each. A dry run finds the same
// and changes nothing.
func (a *Torrents) PauseAll(ctx context.Context, actor domain.Actor, selection SelectTorrents, dryRun bool) ([]ChangedTorrent, error) {
	return a.wishAll(ctx, actor, selection, domain.Wishes{Paused: Some(true)}, dryRun)
}
