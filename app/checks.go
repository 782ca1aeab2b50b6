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

// Checks makes true what the torrents wish: it compares what is stored with what
// each server's client reports, and does what is missing. A check is idempotent
// and may die at any line; the next one goes on.
//
// The scheduler, the command line, the GraphQL mutation and the nudge after an
// add all run the same check of one server. Servers are checked side by side and
// never wait for one another; who checks which is decided by leases, over all
// processes on the database.
type Checks struct {
	Torrents  ports.TorrentRepository
	Metainfos ports.MetainfoRepository
	Removals  ports.RemovalRepository
	Leases    ports.ServerLeases
	Servers   ports.ServerRepository
	Clients   ports.TorrentClients
	// Loads, Placement and Failover say what becomes of what waits for a server that is
	// not well for as long as Failover: it goes to another. 0 is never.
	Loads     ports.ServerLoads
	Placement domain.Placement
	Failover  time.Duration
	// Node: only servers of this node are checked.
	Node string
	// Owner names this process among all on the database.
	Owner string
	// Interval is the time between two checks of a server that is well.
	Interval time.Duration
	// LeaseFor is how long a process that dies keeps others from its servers.
	LeaseFor time.Duration
	Now      func() time.Time
	Log      *slog.Logger

	mu      sync.Mutex
	wanted  map[uuid.UUID]bool      // nudged, not yet looked at
	running map[uuid.UUID]bool      // being checked by this process
	resting map[uuid.UUID]time.Time // did not answer; not to be asked before
	wake    chan struct{}
	once    sync.Once

	claim   sync.Mutex // makes claiming and marking as running one step
	started sync.WaitGroup
}

// ServerCheck is what one check of one server did.
type ServerCheck struct {
	Server domain.Server
	// Open is how many open torrents the server had.
	Open int
	// HandedOver, Refused, Completed and Removed count what changed; Refused torrents
	// were not taken, or not treated as is wished.
	HandedOver, Refused, Completed, Removed int
	// Told counts torrents that the client was told how to treat.
	Told int
	// Stuck counts removals that the client could not carry out.
	Stuck int
	// FailedOver counts torrents that waited and went to other servers.
	FailedOver int
	// More: torrents still wait to be handed over, and the next check is due now.
	More bool
	// Skipped: another process looks after the server, so it was left alone.
	Skipped bool
	// Latency is how long the client took to report on the open torrents.
	Latency time.Duration
	// Err is why the check was cut short; nil if it was not.
	Err  error
	Took time.Duration
}

func (c *Checks) init() {
	c.once.Do(func() {
		c.wanted, c.running = map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
		c.resting = map[uuid.UUID]time.Time{}
		c.wake = make(chan struct{}, 1)
	})
}

// CheckDue begins a check of every server that is due and that no process is
// checking, and does not wait for them.
func (c *Checks) CheckDue(ctx context.Context) {
	c.init()
	for ctx.Err() == nil {
		if begun, _ := c.begin(ctx, nil, nil); !begun { // a failure was logged, and the next tick tries again
			return
		}
	}
}

// CheckAll checks every server of this node now, due or not, waits, and reports
// on each, oldest first; with ids, only those of them. A server that another
// process is checking is Skipped. Only an administrator may.
func (c *Checks) CheckAll(ctx context.Context, actor domain.Actor, ids ...uuid.UUID) ([]ServerCheck, error) {
	if err := actor.RequireAdministrator("check all servers"); err != nil {
		return nil, err
	}
	c.init()
	servers, err := c.Servers.Find(ctx, domain.ServerFilter{LocalNode: c.Node, IDs: ids})
	if err != nil {
		return nil, err
	}
	results := make([]ServerCheck, len(servers))
	var wait sync.WaitGroup
	for _, i := range reachableFirst(servers) {
		server := servers[i]
		wait.Add(1)
		begun, err := c.begin(ctx, &server.ID, func(result ServerCheck) {
			results[i] = result
			wait.Done()
		})
		if !begun {
			results[i] = ServerCheck{Server: *server, Skipped: err == nil, Err: err}
			wait.Done()
		}
	}
	wait.Wait()
	return results, nil
}

// reachableFirst are the indexes of servers, those last that did not answer the last
// time: claiming these need not keep the others waiting.
func reachableFirst(servers []*domain.Server) []int {
	order := make([]int, 0, len(servers))
	for _, reachable := range []bool{true, false} {
		for i, server := range servers {
			if server.Health.Reachable() == reachable {
				order = append(order, i)
			}
		}
	}
	return order
}

// begin claims a server (nil: the longest overdue) and checks it in a goroutine of
// its own; done, if not nil, is told the result. It reports whether it began; not to
// have begun is no error when there is nothing to claim.
func (c *Checks) begin(ctx context.Context, id *uuid.UUID, done func(ServerCheck)) (bool, error) {
	c.claim.Lock()
	defer c.claim.Unlock()
	now := domain.Instant(c.Now())
	server, lease, err := c.Leases.Claim(ctx, ports.LeaseRequest{
		Node: c.Node, Owner: c.Owner, ServerID: id, Now: now, Until: now.Add(c.LeaseFor),
	})
	if err != nil {
		if ctx.Err() == nil {
			c.Log.ErrorContext(ctx, "claiming a server", "error", err)
		}
		return false, err
	}
	if server == nil {
		return false, nil
	}
	c.mu.Lock()
	c.running[server.ID] = true
	c.mu.Unlock()
	c.started.Go(func() {
		result := c.checkLeased(ctx, server, lease)
		c.end(&result)
		if done != nil {
			done(result)
		}
	})
	return true, nil
}

// end lets a nudge that came during the check have its own, and a check that was
// cut short its continuation.
func (c *Checks) end(result *ServerCheck) {
	server := &result.Server
	c.mu.Lock()
	delete(c.running, server.ID)
	delete(c.resting, server.ID)
	if !server.Health.Reachable() {
		c.resting[server.ID] = server.NextCheckAt
	}
	again := c.wanted[server.ID] || result.More
	c.mu.Unlock()
	if again {
		c.Nudge(server.ID)
	}
}

func (c *Checks) report(ctx context.Context, r ServerCheck) {
	attrs := []any{
		"server", r.Server.ID, "address", r.Server.Address, "open", r.Open,
		"handed_over", r.HandedOver, "told", r.Told, "refused", r.Refused, "completed", r.Completed,
		"removed", r.Removed, "stuck", r.Stuck, "failed_over", r.FailedOver, "took", r.Took,
	}
	switch {
	case r.Err != nil && ctx.Err() == nil:
		c.Log.WarnContext(ctx, "check failed", append(attrs, "error", r.Err)...)
	case r.HandedOver+r.Told+r.Refused+r.Completed+r.Removed > 0:
		c.Log.InfoContext(ctx, "checked", attrs...)
	default:
		c.Log.DebugContext(ctx, "checked", attrs...)
	}
}
