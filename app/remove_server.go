package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// moveBatch is how many torrents change servers in one transaction.
const moveBatch = 500

// Remove ends a server; its client and what it holds are left as they are.
// KindConflict while open torrents are on it, unless moveTo names another server
// that they go to. KindNotFound.
func (a *Servers) Remove(ctx context.Context, actor domain.Actor, id uuid.UUID, moveTo *uuid.UUID) (*domain.Server, error) {
	if err := actor.RequireAdministrator(manageServers); err != nil {
		return nil, err
	}
	if _, err := a.Repository.Get(ctx, id); err != nil {
		return nil, err
	}
	if moveTo != nil {
		if err := a.moveOpenTorrents(ctx, id, *moveTo); err != nil {
			return nil, err
		}
	}
	var removed domain.Server
	err := a.Repository.Remove(ctx, id, func(s *domain.Server, openTorrents int) error {
		err := s.Remove(openTorrents, a.Now())
		removed = *s
		return err
	})
	if err != nil {
		return nil, err
	}
	a.Clients.Forget(id)
	return &removed, nil
}

func (a *Servers) moveOpenTorrents(ctx context.Context, from, to uuid.UUID) error {
	target, err := a.Repository.Get(ctx, to)
	switch {
	case domain.KindOf(err) == domain.KindNotFound:
		return domain.Invalid("moveTo", "no torrent server %s", to)
	case err != nil:
		return err
	case from == to:
		return domain.Invalid("moveTo", "must be another server than the one to remove")
	}
	open, err := a.Torrents.Open(ctx, from)
	if err != nil {
		return err
	}
	for ids := range batches(idsOf(open), moveBatch) {
		_, err := a.Torrents.Update(ctx, ids, nil, func(t *domain.Torrent) error {
			if t.Open() && t.ServerID == from {
				t.AssignServer(*target, a.Now())
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	a.Nudge(to)
	return nil
}
