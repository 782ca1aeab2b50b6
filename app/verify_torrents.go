package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// Verify has the client of a torrent hold its data against the hashes, whenever it can
// be reached. What has completed stays completed, whatever is found. KindInvalid when its
// type of client cannot; KindNotFound as Get.
func (a *Torrents) Verify(ctx context.Context, actor domain.Actor, id uuid.UUID) (*domain.Torrent, error) {
	return a.wishOne(ctx, actor, id, domain.Wishes{Verify: true})
}

// VerifyAll is Verify for many, and returns what came of each. A dry run finds the same
// and changes nothing.
func (a *Torrents) VerifyAll(ctx context.Context, actor domain.Actor, selection SelectTorrents, dryRun bool) ([]ChangedTorrent, error) {
	return a.wishAll(ctx, actor, selection, domain.Wishes{Verify: true}, dryRun)
}
