package app

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// AdoptTorrents says which torrents of a client become ours.
type AdoptTorrents struct {
	ServerID uuid.UUID
	// Hashes are the only ones to adopt; nil for all.
	Hashes []domain.InfoHash
	// Owner is whose they become; nil for nobody's.
	Owner *uuid.UUID
	// Tell records a COMPLETED event for each that is complete already.
	Tell bool
	// DryRun only counts.
	DryRun bool
}

// Adoption is what came of adopting.
type Adoption struct {
	// Adopted counts the torrents that are ours now, and Completed those of them that
	// were complete already.
	Adopted, Completed int
	// Known counts what was ours before, or is about to be taken out of the client.
	Known int
	// Refused are those that cannot be ours, each with the reason.
	Refused []RefusedAdoption
}

// RefusedAdoption is a transfer that was not adopted.
type RefusedAdoption struct {
	InfoHash domain.InfoHash
	Name     string
	Err      error
}

// adoptBatch is how many torrents are adopted in one transaction, and knownBatch how
// many are read at once to see which are known.
const (
	adoptBatch = 1_000
	knownBatch = 10_000
)

// leasePatience is how long adopting waits for a check of the server to end, and
// claimPause how long it waits before it looks again.
const (
	leasePatience = 30 * time.Second
	claimPause    = 100 * time.Millisecond
)

// Adopt makes torrents of what the client of a server holds: one request to the
// client, and one transaction for each thousand. It may be repeated, and goes on where
// it was interrupted: what is known stays as it is. Only an administrator may.
// KindUnavailable when the client does not answer.
func (c *Checks) Adopt(ctx context.Context, actor domain.Actor, input AdoptTorrents) (Adoption, error) {
	if err := actor.RequireAdministrator("adopt torrents"); err != nil {
		return Adoption{}, err
	}
	server, err := c.Servers.Get(ctx, input.ServerID)
	switch {
	case domain.KindOf(err) == domain.KindNotFound:
		return Adoption{}, errNoServer(input.ServerID)
	case err != nil:
		return Adoption{}, err
	case c.Node != "" && server.LocalNode != c.Node:
		return Adoption{}, domain.Conflict("server %s is looked after by node %q; adopt its torrents there", server.ID, server.LocalNode)
	}
	c.init()
	server, lease, err := c.claimSoon(ctx, server.ID)
	if err != nil {
		return Adoption{}, err
	}
	defer c.end(&ServerCheck{Server: *server}) // nudges that came meanwhile
	defer c.release(ctx, lease, server)
	held, stop := c.keepLease(ctx, lease)
	defer stop()
	return c.adopt(held, *server, lease, input)
}

// claimSoon claims a server, waiting for the end of a check that is under way: a lease
// keeps two from adopting the same, and checks from handing over what is being adopted.
func (c *Checks) claimSoon(ctx context.Context, id uuid.UUID) (*domain.Server, *domain.Lease, error) {
	patience := time.NewTimer(leasePatience)
	defer patience.Stop()
	again := time.NewTicker(claimPause)
	defer again.Stop()
	for {
		server, lease, err := c.claimOne(ctx, id)
		if err != nil || server != nil {
			return server, lease, err
		}
		select {
		case <-again.C:
		case <-patience.C:
			return nil, nil, domain.Unavailable(nil, "server %s is being checked all the time; try again", id)
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// claimOne claims a server and marks it as running, so that nudges wait for the end of
// that; nil when this process or another one has it.
func (c *Checks) claimOne(ctx context.Context, id uuid.UUID) (*domain.Server, *domain.Lease, error) {
	c.claim.Lock()
	defer c.claim.Unlock()
	c.mu.Lock()
	running := c.running[id]
	c.mu.Unlock()
	if running { // no need to ask the database
		return nil, nil, nil
	}
	now := domain.Instant(c.Now())
	server, lease, err := c.Leases.Claim(ctx, ports.LeaseRequest{
		Node: c.Node, Owner: c.Owner, ServerID: &id, Now: now, Until: now.Add(c.LeaseFor),
	})
	if server != nil {
		c.mu.Lock()
		c.running[id] = true
		c.mu.Unlock()
	}
	return server, lease, err
}

func (c *Checks) adopt(ctx context.Context, server domain.Server, lease *domain.Lease, input AdoptTorrents) (Adoption, error) {
	client, err := c.Clients.Open(server)
	if err != nil {
		return Adoption{}, err
	}
	list, err := client.List(ctx)
	if err != nil {
		return Adoption{}, err
	}
	known, err := c.knownHashes(ctx, server.ID)
	if err != nil {
		return Adoption{}, err
	}
	wanted := hashSet(input.Hashes)
	var result Adoption
	var fresh []*domain.Torrent
	for _, held := range list {
		if input.Hashes != nil && !wanted[held.InfoHash] {
			continue
		}
		if known[held.InfoHash] || known[held.Magnet.InfoHash()] {
			result.Known++
			continue
		}
		t, err := domain.AdoptTorrent(held, server, input.Owner, input.Tell, c.Now())
		if err != nil {
			result.Refused = append(result.Refused, RefusedAdoption{InfoHash: held.InfoHash, Name: domain.CleanName(held.Name), Err: err})
			continue
		}
		fresh = append(fresh, t)
	}
	until := lease.Until
	for some := range slices.Chunk(fresh, adoptBatch) {
		if !input.DryRun {
			// Once it has run out, somebody else may have the server, and adopt the same.
			if now := domain.Instant(c.Now()); until.Sub(now) < c.LeaseFor/2 {
				until = now.Add(c.LeaseFor)
				if err := c.Leases.Renew(ctx, lease, until); err != nil {
					return result, err
				}
			}
			if err := c.Torrents.Add(ctx, some...); err != nil {
				return result, err
			}
		}
		result.Adopted += len(some)
		for _, t := range some {
			if !t.Open() {
				result.Completed++
			}
		}
	}
	return result, nil
}

// knownHashes are the infohashes of a server's torrents, and of what is about to be
// taken out of its client: in this order, so that what is removed meanwhile is among
// either.
func (c *Checks) knownHashes(ctx context.Context, serverID uuid.UUID) (map[domain.InfoHash]bool, error) {
	known := map[domain.InfoHash]bool{}
	page := domain.TorrentPage{Limit: knownBatch}
	for {
		torrents, err := c.Torrents.Find(ctx, domain.TorrentFilter{ServerID: &serverID}, page)
		if err != nil {
			return nil, err
		}
		for _, t := range torrents {
			known[t.InfoHash()] = true
		}
		if len(torrents) < knownBatch {
			break
		}
		last := torrents[len(torrents)-1].Place()
		page.After = &last
	}
	removals, err := c.Removals.Pending(ctx, serverID)
	for _, r := range removals {
		known[r.InfoHash] = true
	}
	return known, err
}

func hashSet(hashes []domain.InfoHash) map[domain.InfoHash]bool {
	set := make(map[domain.InfoHash]bool, len(hashes))
	for _, hash := range hashes {
		set[hash] = true
	}
	return set
}
