package app

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// pickServer returns the server that is named, or the default one. One more torrent
// is counted to it from here on, so that others who add now see it.
type pickServer func(id *uuid.UUID) (*domain.Server, error)

func errNoServer(id uuid.UUID) error { return domain.Invalid("serverId", "no torrent server %s", id) }

// serverPicker reads the servers that inputs need: those that are named in one query,
// and those of this node in one, if one of them is to be the default.
func (a *Torrents) serverPicker(ctx context.Context, inputs []AddTorrent) (pickServer, error) {
	named, byDefault := map[uuid.UUID]*domain.Server{}, false
	for _, input := range inputs {
		if input.ServerID == nil {
			byDefault = true
		} else {
			named[*input.ServerID] = nil
		}
	}
	if len(named) > 0 {
		servers, err := a.Servers.Find(ctx, domain.ServerFilter{IDs: slices.Collect(maps.Keys(named))})
		if err != nil {
			return nil, err
		}
		for _, s := range servers {
			named[s.ID] = s
		}
	}
	var local []*domain.Server
	if byDefault {
		var err error
		if local, err = a.Servers.Find(ctx, domain.ServerFilter{LocalNode: a.Node}); err != nil {
			return nil, err
		}
	}
	return func(id *uuid.UUID) (*domain.Server, error) {
		if id == nil {
			return a.defaultServer(ctx, local)
		}
		server := named[*id]
		if server == nil {
			return nil, errNoServer(*id)
		}
		a.loads.change(server.ID, +1)
		return server, nil
	}, nil
}

func (a *Torrents) defaultServer(ctx context.Context, local []*domain.Server) (*domain.Server, error) {
	switch len(local) {
	case 0:
		return nil, domain.Invalid("serverId", "no torrent server of this node to default to; add one first")
	case 1: // and no need to know how busy it is
		a.loads.change(local[0].ID, +1)
		return local[0], nil
	}
	return a.leastLoaded(ctx, local)
}
