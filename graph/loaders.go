package graph

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

// loaders lives as long as one answer: a request's, or one event's of a
// subscription. What it has loaded is never shown in another.
type loaders struct {
	servers  *loader[uuid.UUID, *domain.Server]
	users    *loader[uuid.UUID, *domain.User]
	torrents *loader[uuid.UUID, *domain.Torrent]
	progress *loader[*domain.Torrent, *domain.Transfer]
	pages    serverPages
	probes   *loader[*domain.Server, *domain.ClientInfo]
	phases   *loader[*domain.Server, []*app.PhaseCount]
}

type loadersKey struct{}

func withLoaders(ctx context.Context, r *Resolver) context.Context {
	return context.WithValue(ctx, loadersKey{}, &loaders{
		servers:  newLoader(r.fetchServers),
		users:    newLoader(r.fetchUsers),
		torrents: newLoader(r.fetchTorrents),
		progress: newLoader(r.fetchProgress),
		probes:   newLoader(r.fetchProbes),
		phases:   newLoader(r.fetchPhases),
	})
}

func loadersOf(ctx context.Context) *loaders { return ctx.Value(loadersKey{}).(*loaders) }

func (r *Resolver) fetchServers(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*domain.Server, error) {
	servers, err := r.Servers.Find(ctx, actorOf(ctx), ids...)
	return index(servers, func(s *domain.Server) uuid.UUID { return s.ID }), err
}

// fetchUsers knows users that have no record here, those of a Clarion host, by
// their id alone. The zero id is nobody.
func (r *Resolver) fetchUsers(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*domain.User, error) {
	found := map[uuid.UUID]*domain.User{}
	for _, id := range ids {
		if id != uuid.Nil {
			found[id] = &domain.User{ID: id}
		}
	}
	if len(found) == 0 {
		return found, nil
	}
	users, err := r.Users.Find(ctx, actorOf(ctx), ids...)
	for _, user := range users {
		found[user.ID] = user
	}
	return found, err
}

func (r *Resolver) fetchTorrents(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*domain.Torrent, error) {
	torrents, err := r.Torrents.Find(ctx, actorOf(ctx), domain.TorrentFilter{IDs: ids}, domain.TorrentPage{})
	return index(torrents, func(t *domain.Torrent) uuid.UUID { return t.ID }), err
}

func (r *Resolver) fetchProgress(ctx context.Context, torrents []*domain.Torrent) (map[*domain.Torrent]*domain.Transfer, error) {
	transfers, err := r.Progress.Find(ctx, torrents)
	found := make(map[*domain.Torrent]*domain.Transfer, len(transfers))
	for _, t := range torrents {
		if transfer, held := transfers[t.ID]; held {
			found[t] = &transfer
		}
	}
	return found, err
}

func index[K comparable, V any](values []V, key func(V) K) map[K]V {
	found := make(map[K]V, len(values))
	for _, value := range values {
		found[key(value)] = value
	}
	return found
}
