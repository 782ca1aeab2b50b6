package app

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// keepLoads is how long counted loads are good. Counting costs as much as there are
// open torrents, so that it must not be done for each one that is added.
const keepLoads = time.Second

// keptLoads is how many open torrents servers have, as counted lately, and with
// those that this process has added since: a burst spreads as if each were counted.
// It may be wrong by what others do meanwhile, for as long as keepLoads.
type keptLoads struct {
	mu        sync.Mutex
	open      map[uuid.UUID]int
	countedAt time.Time
}

// change makes a server's kept load differ by n.
func (k *keptLoads) change(serverID uuid.UUID, n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, counted := k.open[serverID]; counted {
		k.open[serverID] += n
	}
}

// refresh counts again unless there are counts of all servers that are good. It is
// called under mu, so that those who add at the same time share one counting.
func (k *keptLoads) refresh(ctx context.Context, loads ports.ServerLoads, servers []*domain.Server, now time.Time) error {
	ids := make([]uuid.UUID, len(servers))
	age := now.Sub(k.countedAt)
	good := age >= 0 && age < keepLoads
	for i, s := range servers {
		ids[i] = s.ID
		_, counted := k.open[s.ID]
		good = good && counted
	}
	if good {
		return nil
	}
	counts, err := loads.OpenTorrents(ctx, ids)
	if err != nil {
		return err
	}
	k.open, k.countedAt = make(map[uuid.UUID]int, len(ids)), now
	for _, id := range ids {
		k.open[id] = counts[id]
	}
	return nil
}

// leastLoaded prefers servers that were well when last seen, then the one with
// the fewest open torrents, then the oldest; and counts one more torrent to it.
func (a *Torrents) leastLoaded(ctx context.Context, servers []*domain.Server) (*domain.Server, error) {
	a.loads.mu.Lock()
	defer a.loads.mu.Unlock()
	if err := a.loads.refresh(ctx, a.Loads, servers, a.Now()); err != nil {
		return nil, err
	}
	loads := a.loads.open
	best := servers[0]
	for _, s := range servers[1:] {
		if s.Health.Reachable() != best.Health.Reachable() {
			if s.Health.Reachable() {
				best = s
			}
			continue
		}
		if loads[s.ID] < loads[best.ID] {
			best = s
		}
	}
	loads[best.ID]++
	return best, nil
}
