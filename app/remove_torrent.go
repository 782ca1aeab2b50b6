package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// Remove ends a torrent at once. Its client is made to let go of it by a check,
// whenever the client can be reached, unless another torrent there needs the same
// transfer; the data stays unless deleteData. Repeating it changes nothing and
// returns the torrent as it was last. KindNotFound when there never was one that the
// actor may see.
func (a *Torrents) Remove(ctx context.Context, actor domain.Actor, id uuid.UUID, deleteData bool) (*domain.Torrent, error) {
	removed := a.changeAll(ctx, []uuid.UUID{id}, &changes{
		actor: actor, transition: a.removal(deleteData), removedToo: true,
	})[0]
	return removed.Torrent, removed.Err
}

func (a *Torrents) removal(deleteData bool) func(*domain.Torrent) error {
	return func(t *domain.Torrent) error {
		t.Remove(deleteData, a.Now())
		return nil
	}
}
