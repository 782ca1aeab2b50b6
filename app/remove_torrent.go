package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// Remove ends a torrent at once. Its client is made to let go of it by a check,
// whenever the client can be reached, unless another torrent there needs the same
// transfer; the data stays unless deleteData. KindNotFound as Get.
func (a *Torrents) Remove(ctx context.Context, actor domain.Actor, id uuid.UUID, deleteData bool) (*domain.Torrent, error) {
	return a.change(ctx, actor, id, func(t *domain.Torrent) error {
		t.Remove(deleteData, a.Now())
		return nil
	})
}
