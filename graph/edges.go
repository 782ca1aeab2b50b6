package graph

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
	"github.com/clarion-app/download-manager/graph/scalar"
)

// What leads from one object to others, and from a Go value to one of the schema.

// get reads the id of a single object and asks for it.
func get[T any](ctx context.Context, id string, ask func(context.Context, domain.Actor, uuid.UUID) (*T, error)) (*T, error) {
	key, err := scalar.ParseUUID("id", id)
	if err != nil {
		return nil, err
	}
	return ask(ctx, actorOf(ctx), key)
}

// serversOf returns the server of each torrent.
func (r *Resolver) serversOf(ctx context.Context, torrents []*domain.Torrent) ([]domain.Server, error) {
	return r.serversByID(ctx, each(torrents, serverID))
}

// serversByID returns the servers that torrents are, or were, on: there always is one, be it
// removed.
func (r *Resolver) serversByID(ctx context.Context, ids []uuid.UUID) ([]domain.Server, error) {
	found, err := loadersOf(ctx).servers.load(ctx, ids)
	if err != nil {
		return nil, err
	}
	servers := make([]domain.Server, len(found))
	for i, server := range found {
		if server == nil {
			return nil, fmt.Errorf("the server %s of a torrent is not stored", ids[i])
		}
		servers[i] = *server
	}
	return servers, nil
}

func serverID(t *domain.Torrent) uuid.UUID { return t.ServerID }

// userID returns whose a torrent is, the zero id for nobody's.
func userID(t *domain.Torrent) uuid.UUID { return orZeroValue(t.UserID) }

// each returns what of makes of each value.
func each[T, V any](values []T, of func(T) V) []V {
	all := make([]V, len(values))
	for i, value := range values {
		all[i] = of(value)
	}
	return all
}

func torrentIDs(completions []*domain.Event) []uuid.UUID {
	ids := make([]uuid.UUID, len(completions))
	for i, c := range completions {
		ids[i] = c.TorrentID
	}
	return ids
}

// testServer asks a server that is there, or one that might be added.
func (r *Resolver) testServer(ctx context.Context, input generated.TestTorrentServerInput) (domain.ClientInfo, error) {
	if input.ID != nil {
		return r.Servers.Test(ctx, actorOf(ctx), *input.ID)
	}
	return r.Servers.TestSettings(ctx, actorOf(ctx), trialSettings(input))
}

func viewer(actor domain.Actor) domain.User {
	return domain.User{ID: actor.UserID, Name: actor.Name, Role: actor.Role}
}

// knownRatio leaves out the negative ratios by which clients say that there is none.
func knownRatio(ratio float64) *float64 {
	if ratio < 0 {
		return nil
	}
	return &ratio
}

func shown(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// problemOf is what a user may read of an error.
func problemOf(err error) *string {
	if err == nil {
		return nil
	}
	return shown(domain.MessageOf(err))
}

func pointers[T any](values []T) []*T {
	all := make([]*T, len(values))
	for i := range values {
		all[i] = &values[i]
	}
	return all
}
