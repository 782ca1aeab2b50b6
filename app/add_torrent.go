package app

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// AddTorrent says what to download.
type AddTorrent struct {
	MagnetURI string
	// ServerID is the server to use; nil for the least busy one of this node.
	ServerID *uuid.UUID
	// Name is used when the magnet brings none.
	Name string
	// HashString is an infohash that the adder claims; it is shown until the
	// client reports the real one.
	HashString string
}

// Add stores a torrent and answers at once; the check that it triggers hands it
// over. KindInvalid names each field at fault.
func (a *Torrents) Add(ctx context.Context, actor domain.Actor, input AddTorrent) (added *domain.Torrent, err error) {
	magnet, magnetErr := domain.ParseMagnet(input.MagnetURI)
	server, serverErr := a.serverFor(ctx, input.ServerID)
	if serverErr != nil && domain.KindOf(serverErr) != domain.KindInvalid {
		return nil, serverErr
	}
	if serverErr == nil {
		defer func() {
			if err != nil { // it was counted too early
				a.loads.change(server.ID, -1)
			}
		}()
	}
	if err := errors.Join(magnetErr, serverErr); err != nil {
		return nil, err
	}
	torrent, err := domain.NewTorrent(magnet, input.Name, *server, actor.Owner(), a.Now())
	if err != nil {
		return nil, err
	}
	if err := torrent.ClaimHashString(input.HashString); err != nil {
		return nil, err
	}
	if err := a.Repository.Add(ctx, torrent); err != nil {
		return nil, err
	}
	a.Nudge(server.ID)
	return torrent, nil
}

// serverFor returns the server that was named, or the default one. One more torrent
// is counted to it from here on, so that others who add now see it.
func (a *Torrents) serverFor(ctx context.Context, id *uuid.UUID) (*domain.Server, error) {
	if id != nil {
		return a.namedServer(ctx, *id)
	}
	servers, err := a.Servers.Find(ctx, domain.ServerFilter{LocalNode: a.Node})
	if err != nil {
		return nil, err
	}
	switch len(servers) {
	case 0:
		return nil, domain.Invalid("serverId", "no torrent server of this node to default to; add one first")
	case 1: // and no need to know how busy it is
		return servers[0], nil
	}
	return a.leastLoaded(ctx, servers)
}

func (a *Torrents) namedServer(ctx context.Context, id uuid.UUID) (*domain.Server, error) {
	server, err := a.Servers.Get(ctx, id)
	if domain.KindOf(err) == domain.KindNotFound {
		return nil, domain.Invalid("serverId", "no torrent server %s", id)
	}
	if err == nil {
		a.loads.change(server.ID, +1)
	}
	return server, err
}
