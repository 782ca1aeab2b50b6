package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// MarkIncomplete puts a torrent back to the start: it is handed over again and
// completes again. Repeating it is fine. KindNotFound as Get.
func (a *Torrents) MarkIncomplete(ctx context.Context, actor domain.Actor, id uuid.UUID) (*domain.Torrent, error) {
	return a.change(ctx, actor, id, a.markIncomplete)
}
