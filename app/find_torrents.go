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

// Find returns a page of a list of torrents: everybody's for an administrator, a
// member's own for a member.
func (a *Torrents) Find(ctx context.Context, actor domain.Actor, filter domain.TorrentFilter, page domain.TorrentPage) ([]*domain.Torrent, error) {
	filter, some, err := visible(actor, filter)
	if err == nil {
		err = page.Order.Check()
	}
	if err != nil || !some {
		return nil, err
	}
	return a.Repository.Find(ctx, filter, page)
}

// FindOnServers returns the same page of each server's list, in one query. A
// server whose page is empty may be absent.
func (a *Torrents) FindOnServers(
	ctx context.Context, actor domain.Actor, serverIDs []uuid.UUID, filter domain.TorrentFilter, page domain.TorrentPage,
) (map[uuid.UUID][]*domain.Torrent, error) {
	filter, some, err := visible(actor, filter)
	if err == nil {
		err = page.Order.Check()
	}
	if err != nil || !some {
		return nil, err
	}
	return a.ServerTorrents.FindOnServers(ctx, serverIDs, filter, page)
}

// visible checks a filter and narrows it to what the actor may see; there is none of
// it unless some.
func visible(actor domain.Actor, filter domain.TorrentFilter) (narrowed domain.TorrentFilter, some bool, err error) {
	if err := filter.Check(); err != nil {
		return filter, false, err
	}
	if !actor.IsAdministrator() {
		if filter.UserID != nil && *filter.UserID != actor.UserID {
			return filter, false, nil
		}
		filter.UserID = &actor.UserID
	}
	return filter, true, nil
}
