package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// Get returns one torrent. KindNotFound when there is none that the actor may
// see.
func (a *Torrents) Get(ctx context.Context, actor domain.Actor, id uuid.UUID) (*domain.Torrent, error) {
	t, err := a.Repository.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !actor.MayUse(t.UserID) {
		return nil, errNoTorrent(id)
	}
	return t, nil
}

// Find lists torrents, newest first: everybody's for an administrator, a
// member's own for a member.
func (a *Torrents) Find(ctx context.Context, actor domain.Actor, filter domain.TorrentFilter, page domain.TorrentPage) ([]*domain.Torrent, error) {
	if !actor.IsAdministrator() {
		if filter.UserID != nil && *filter.UserID != actor.UserID {
			return nil, nil
		}
		filter.UserID = &actor.UserID
	}
	return a.Repository.Find(ctx, filter, page)
}
