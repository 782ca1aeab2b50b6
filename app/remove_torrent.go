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
// actor may see; KindInvalid, field "deleteData", when the client cannot delete data.
func (a *Torrents) Remove(ctx context.Context, actor domain.Actor, id uuid.UUID, deleteData bool) (*domain.Torrent, error) {
	removal, err := a.removal(ctx, deleteData)
	if err != nil {
		return nil, err
	}
	removed := a.changeAll(ctx, []uuid.UUID{id}, &changes{actor: actor, transition: removal, removedToo: true})[0]
	return removed.Torrent, removed.Err
}

// removal reads the servers, all in one query, where it takes their clients.
func (a *Torrents) removal(ctx context.Context, deleteData bool) (func(*domain.Torrent) error, error) {
	keeping := map[uuid.UUID]domain.ClientType{} // the servers whose clients cannot delete data
	if deleteData {
		servers, err := a.Servers.Find(ctx, domain.ServerFilter{})
		if err != nil {
			return nil, err
		}
		for _, s := range servers {
			if !a.Capabilities(s.Type).Has(domain.CapabilityDeleteData) {
				keeping[s.ID] = s.Type
			}
		}
	}
	return func(t *domain.Torrent) error {
		if kind, keeps := keeping[t.ServerID]; keeps && !t.Removed() {
			return domain.Lacks(kind, domain.CapabilityDeleteData)
		}
		t.Remove(deleteData, a.Now())
		return nil
	}, nil
}
