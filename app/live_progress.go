package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Progress tells how torrents are doing right now. It is asked of the clients
// when somebody looks, and is never stored.
type Progress struct {
	Servers ports.ServerRepository
	Clients ports.TorrentClients
	Log     *slog.Logger
	// Patience is how long a server may take to answer.
	Patience time.Duration
}

// Find returns what the clients report of torrents, by torrent id: one request
// for each server, side by side. Torrents that a client does not hold, and all of a
// server that does not answer in time, are absent.
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
	ids := make([]uuid.UUID, 0, len(byServer))
	for id := range byServer {
		ids = append(ids, id)
	}
	servers, err := a.Servers.Find(ctx, domain.ServerFilter{IDs: ids})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, a.Patience)
	defer cancel()
	var mu sync.Mutex
	var wait sync.WaitGroup
	for _, server := range servers {
		wait.Go(func() {
			report := a.ask(ctx, *server, byServer[server.ID])
			mu.Lock()
			defer mu.Unlock()
			for _, t := range byServer[server.ID] {
				if transfer, held := report.Transfers[t.InfoHash()]; held {
					found[t.ID] = transfer
				}
			}
		})
	}
	wait.Wait()
	return found, nil
}

// ask returns an empty report when the server does not answer: its health tells.
func (a *Progress) ask(ctx context.Context, server domain.Server, torrents []*domain.Torrent) domain.Report {
	hashes := make([]domain.InfoHash, len(torrents))
	for i, t := range torrents {
		hashes[i] = t.InfoHash()
	}
	client, err := a.Clients.Open(server)
	if err != nil {
		return domain.Report{}
	}
	report, err := client.Transfers(ctx, hashes)
	if err != nil {
		a.Log.DebugContext(ctx, "asking for progress", "server", server.ID, "error", err)
		return domain.Report{}
	}
	return report
}
