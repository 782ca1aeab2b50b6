package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// wishing is what torrents' servers allow and their clients can do.
type wishing struct {
	servers map[uuid.UUID]*domain.Server
	can     func(domain.ClientType) domain.Capabilities
}

// wishing reads the servers, all in one query, unless there is nothing to wish.
func (a *Torrents) wishing(ctx context.Context, wishes domain.Wishes) (wishing, error) {
	w := wishing{map[uuid.UUID]*domain.Server{}, a.Capabilities}
	if wishes.IsZero() {
		return w, nil
	}
	servers, err := a.Servers.Find(ctx, domain.ServerFilter{WithRemoved: true})
	for _, s := range servers {
		w.servers[s.ID] = s
	}
	return w, err
}

// wish makes a torrent wish something.
func (w wishing) wish(t *domain.Torrent, wishes domain.Wishes, now time.Time) error {
	if wishes.IsZero() {
		return nil
	}
	server := w.servers[t.ServerID]
	if server == nil { // added since they were read
		return domain.Conflict("torrent %s is being moved to another server; try again", t.ID)
	}
	if server.DeletedAt == nil {
		return t.Wish(wishes, *server, w.can(server.Type), now)
	}
	if !wishes.OfOurs() {
		return domain.Conflict("the server of torrent %s was removed, and its client is told nothing", t.ID)
	}
	return t.Wish(wishes, *server, nil, now)
}

// wishAll makes all that are selected wish the same.
func (a *Torrents) wishAll(ctx context.Context, actor domain.Actor, selection SelectTorrents, wishes domain.Wishes, dryRun bool) ([]ChangedTorrent, error) {
	w, err := a.wishing(ctx, wishes)
	if err != nil {
		return nil, err
	}
	return a.changeSelected(ctx, selection, &changes{actor: actor, dryRun: dryRun, transition: func(t *domain.Torrent) error {
		return w.wish(t, wishes, a.Now())
	}})
}

// wishOne is wishAll for one torrent.
func (a *Torrents) wishOne(ctx context.Context, actor domain.Actor, id uuid.UUID, wishes domain.Wishes) (*domain.Torrent, error) {
	w, err := a.wishing(ctx, wishes)
	if err != nil {
		return nil, err
	}
	return a.change(ctx, actor, id, func(t *domain.Torrent) error { return w.wish(t, wishes, a.Now()) })
}
