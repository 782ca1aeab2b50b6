package app

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Progress tells how torrents are doing right now. It is asked of the clients
// when somebody looks, and is never stored: only kept for a moment, so that many
// who look at the same time are one request to each server.
type Progress struct {
	// Node is whose servers are asked: this process's; empty for those of all nodes.
	Node    string
	Servers ports.ServerRepository
	Clients ports.TorrentClients
	Log     *slog.Logger
	// Patience is how long a server may take to answer a request. Somebody who looks
	// waits for two of them at most: the one under way, and their own.
	Patience time.Duration
	// Window is how long an answer is good for others who ask; 0 is only for those
	// who ask while the request is under way.
	Window time.Duration

	mu    sync.Mutex
	desks map[uuid.UUID]*desk
	// coming are those who are about to ask a server, or are asking it, each until
	// its channel is closed.
	coming map[uuid.UUID]map[chan struct{}]struct{}
	// silences are the servers that did not answer when they were asked last.
	silences map[uuid.UUID]silence
}

// Find returns what the clients report of torrents, by torrent id: one request
// for each server, side by side, shared with all who ask within the Window.
// Torrents that a client does not hold, and all of a server that does not answer in
// time or that another node looks after, are absent; so is what a ctx that ends
// leaves unanswered.
func (a *Progress) Find(ctx context.Context, torrents []*domain.Torrent) (map[uuid.UUID]domain.Transfer, error) {
	byServer := map[uuid.UUID][]*domain.Torrent{}
	for _, t := range torrents {
		if t.AcceptedAt != nil {
			byServer[t.ServerID] = append(byServer[t.ServerID], t)
		}
	}
	found := map[uuid.UUID]domain.Transfer{}
	if len(byServer) == 0 {
		return found, nil
	}
	ids := slices.Collect(maps.Keys(byServer))
	defer a.announce(ids)()
	servers, err := a.Servers.Find(ctx, domain.ServerFilter{IDs: ids, LocalNode: a.Node})
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var wait sync.WaitGroup
	for _, server := range servers {
		wait.Go(func() {
			transfers := a.ask(ctx, *server, hashesOf(byServer[server.ID]))
			mu.Lock()
			defer mu.Unlock()
			for _, t := range byServer[server.ID] {
				if transfer, held := transfers[t.InfoHash()]; held {
					found[t.ID] = transfer
				}
			}
		})
	}
	wait.Wait()
	return found, nil
}

func hashesOf(torrents []*domain.Torrent) []domain.InfoHash {
	hashes := make([]domain.InfoHash, len(torrents))
	for i, t := range torrents {
		hashes[i] = t.InfoHash()
	}
	return hashes
}
