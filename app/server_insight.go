package app

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// ServerInsight is what the clients of servers say of themselves, and what they are
// doing, asked when somebody looks. Servers are asked side by side, each at most once
// within the Window of Progress however many look, and one that does not answer is
// waited for no longer than its Patience.
type ServerInsight struct {
	Progress *Progress
	Torrents ports.TorrentRepository

	once   sync.Once
	probes sharedAnswers[uuid.UUID, *domain.ClientInfo]
	counts sharedAnswers[phasesAsked, map[uuid.UUID][]*PhaseCount]
}

// PhaseCount is how many torrents a client has in a phase.
type PhaseCount struct {
	Phase domain.Phase
	Count int
}

// mostCounted is of how many torrents a client is asked to count their phases.
const mostCounted = 100_000

func (a *ServerInsight) init() {
	a.once.Do(func() {
		patience, window := a.Progress.Patience, a.Progress.Window
		a.probes = sharedAnswers[uuid.UUID, *domain.ClientInfo]{patience: patience, window: window}
		// Reading what to ask for takes its time, too.
		a.counts = sharedAnswers[phasesAsked, map[uuid.UUID][]*PhaseCount]{patience: 2 * patience, window: window}
	})
}

// Probe returns what the clients of servers say of themselves, in the order of the
// servers; nil for those that do not answer, or that another node looks after.
func (a *ServerInsight) Probe(ctx context.Context, servers []*domain.Server) []*domain.ClientInfo {
	a.init()
	found := make([]*domain.ClientInfo, len(servers))
	var wait sync.WaitGroup
	for i, server := range servers {
		if a.Progress.looksAfter(server) {
			wait.Go(func() {
				found[i] = a.probes.get(ctx, server.ID, func(ctx context.Context) *domain.ClientInfo { return a.probe(ctx, *server) })
			})
		}
	}
	wait.Wait()
	return found
}

func (a *ServerInsight) probe(ctx context.Context, server domain.Server) *domain.ClientInfo {
	if a.Progress.silentSince(server.ID, time.Now().Add(-a.Progress.Window)) {
		return nil // whoever looks at its torrents as well would wait twice
	}
	client, err := a.Progress.Clients.Open(server)
	var info domain.ClientInfo
	if err == nil {
		info, err = client.Probe(ctx)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil // nobody waits any more, which says nothing of the server
	}
	a.Progress.heard(server.ID, err)
	if err != nil {
		a.Progress.Log.DebugContext(ctx, "asking a client for itself", "server", server.ID, "error", err)
		return nil
	}
	return &info
}

// phasesAsked is who asks to count the torrents of which servers.
type phasesAsked struct {
	// user is whose torrents count; the zero id for everybody's.
	user uuid.UUID
	// servers are the ids of the servers, one behind the other.
	servers string
}

// Phases counts, by what their client is doing with them, the torrents of servers
// that actor may see, by server id: one query, and one request to each server, which
// those who look at progress share. A server is absent when it does not answer, when
// another node looks after it, and when there are more torrents than are counted.
func (a *ServerInsight) Phases(ctx context.Context, actor domain.Actor, servers []*domain.Server) map[uuid.UUID][]*PhaseCount {
	a.init()
	var own []*domain.Server
	var asked phasesAsked
	if !actor.IsAdministrator() {
		asked.user = actor.UserID
	}
	for _, server := range servers {
		if a.Progress.looksAfter(server) {
			own = append(own, server)
			asked.servers += string(server.ID[:])
		}
	}
	if len(own) == 0 {
		return nil
	}
	return a.counts.get(ctx, asked, func(ctx context.Context) map[uuid.UUID][]*PhaseCount {
		return a.count(ctx, asked.user, own)
	})
}

func (a *ServerInsight) count(ctx context.Context, user uuid.UUID, servers []*domain.Server) map[uuid.UUID][]*PhaseCount {
	var filter domain.TorrentFilter
	if user != uuid.Nil {
		filter.UserID = &user
	}
	if len(servers) == 1 {
		filter.ServerID = &servers[0].ID
	}
	torrents, err := a.Torrents.Find(ctx, filter, domain.TorrentPage{Limit: mostCounted + 1})
	if err != nil || len(torrents) > mostCounted {
		a.Progress.Log.DebugContext(ctx, "counting phases", "torrents", len(torrents), "error", err)
		return nil
	}
	hashes := map[uuid.UUID][]domain.InfoHash{}
	for _, t := range torrents {
		if t.AcceptedAt != nil {
			hashes[t.ServerID] = append(hashes[t.ServerID], t.InfoHash())
		}
	}
	var mu sync.Mutex
	var wait sync.WaitGroup
	counts := map[uuid.UUID][]*PhaseCount{}
	for _, server := range servers {
		wait.Go(func() {
			phases, answered := a.Progress.phases(ctx, *server, hashes[server.ID])
			mu.Lock()
			defer mu.Unlock()
			if answered {
				counts[server.ID] = phases
			}
		})
	}
	wait.Wait()
	return counts
}

// phases counts what a server's client does with hashes, once for each of them, and
// reports whether it answered.
func (a *Progress) phases(ctx context.Context, server domain.Server, hashes []domain.InfoHash) ([]*PhaseCount, bool) {
	began := time.Now()
	transfers := a.ask(ctx, server, hashes)
	if ctx.Err() != nil || a.silentSince(server.ID, began.Add(-a.Window)) {
		return nil, false
	}
	counts := make([]*PhaseCount, 0, len(domain.Phases()))
	for _, phase := range domain.Phases() {
		counts = append(counts, &PhaseCount{Phase: phase})
	}
	for _, hash := range hashes {
		transfer, held := transfers[hash]
		if i := slices.Index(domain.Phases(), transfer.Phase); held && i >= 0 {
			counts[i].Count++
		}
	}
	return slices.DeleteFunc(counts, func(c *PhaseCount) bool { return c.Count == 0 }), true
}
