package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// Resume lets a torrent go on that was paused. Repeating it is fine, and tells the
// client again. KindNotFound as Get.
func (a *Torrents) Resume(ctx context.Context, actor domain.Actor, id uuid.UUID) (*domain.Torrent, error) {
	return a.wishOne(ctx, actor, id, domain.Wishes{Paused: Some(false)})
}

// ResumeAll is Resume for many, and returns what came of each. A dry run finds the same
// and changes nothing.
func (a *Torrents) ResumeAll(ctx context.Context, actor domain.Actor, selection SelectTorrents, dryRun bool) ([]ChangedTorrent, error) {
	return a.wishAll(ctx, actor, selection, domain.Wishes{Paused: Some(false)}, dryRun)
}
