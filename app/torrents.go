package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Torrents is what users do with torrents.
type Torrents struct {
	Repository     ports.TorrentRepository
	Counts         ports.TorrentCounts
	ServerTorrents ports.ServerTorrents
	Servers        ports.ServerRepository
	Loads          ports.ServerLoads
	Keys           ports.IdempotencyKeys
	// Fetcher gets what is at a URL; nil: no URL is taken.
	Fetcher ports.TorrentFetcher
	// Node is this process's node; torrents go to its servers by default, by Placement.
	Node      string
	Placement domain.Placement
	// Capabilities tells what the clients of a type can do.
	Capabilities func(domain.ClientType) domain.Capabilities
	// Nudge asks for a check of a server soon, and does not wait for it.
	Nudge func(serverID uuid.UUID)
	Now   func() time.Time

	loads keptLoads
}

// errNoTorrent is the answer for what is not there and for what the actor may
// not know of alike.
func errNoTorrent(id uuid.UUID) error { return domain.NotFound("no torrent %s", id) }

// change runs one transition of one torrent that the actor may use, and nudges
// the servers it concerns: the one it was on and the one it is on.
func (a *Torrents) change(ctx context.Context, actor domain.Actor, id uuid.UUID, transition func(*domain.Torrent) error) (*domain.Torrent, error) {
	changed := a.changeAll(ctx, []uuid.UUID{id}, &changes{actor: actor, transition: transition})[0]
	return changed.Torrent, changed.Err
}
