package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// failoverBatch is how many torrents change servers in one transaction.
const failoverBatch = 100

// failOver lets what waits for a server go to others, if that is due. It is part of
// the check that has just found the server not well, under the same lease: nobody
// hands over to it meanwhile, and no other process does the same. What could not be
// moved waits for the next check.
func (c *Checks) failOver(ctx context.Context, server *domain.Server, lease *domain.Lease, result *ServerCheck) {
	if !server.FailoverDue(c.Failover, c.Now()) {
		return
	}
	f := &failover{Checks: c, from: *server, lease: lease, until: c.Now().Add(c.Interval)}
	if err := f.run(ctx); err != nil && ctx.Err() == nil {
		c.Log.WarnContext(ctx, "moving what waits for a server that is not well", "server", server.ID, "error", err)
	}
	result.FailedOver = f.count
}

// failover is one moving of what waits for one server.
type failover struct {
	*Checks
	from       domain.Server
	lease      *domain.Lease
	until      time.Time
	candidates []domain.Candidate
	count      int
}

func (f *failover) run(ctx context.Context) error {
	open, err := f.Torrents.Open(ctx, f.from.ID)
	if err != nil {
		return err
	}
	var waiting []uuid.UUID
	for _, o := range open {
		if !o.Accepted {
			waiting = append(waiting, o.ID)
		}
	}
	if len(waiting) == 0 {
		return nil
	}
	if err := f.findCandidates(ctx); err != nil {
		return err
	}
	for ids := range batches(waiting, failoverBatch) {
		if err := f.move(ctx, ids); err != nil || f.Now().After(f.until) {
			return err
		}
	}
	return nil
}

// findCandidates finds the servers of the node.
func (f *failover) findCandidates(ctx context.Context) (err error) {
	f.candidates, err = f.Loads.Candidates(ctx, f.Node, f.Placement.Policy == domain.PlacementLeastActive)
	return err
}

// open opens the servers to a torrent that can be treated there as it wishes. Those
// that are not well, as last seen, take nothing.
func (f *failover) open(t *domain.Torrent) {
	for i := range f.candidates {
		c := &f.candidates[i]
		c.Closed = c.ID == f.from.ID || !c.TakesOver() || !t.SuitedTo(*c.Server, f.Clients.Capabilities)
	}
}

// move lets some torrents go to other servers, in one transaction. What no server can
// take stays.
func (f *failover) move(ctx context.Context, ids []uuid.UUID) error {
	torrents, err := f.Torrents.Find(ctx, domain.TorrentFilter{IDs: ids}, domain.TorrentPage{Order: domain.TorrentOrder{Ascending: true}})
	if err != nil {
		return err
	}
	targets, err := f.targets(ctx, torrents)
	if err != nil || len(targets) == 0 {
		return err
	}
	moving := make([]uuid.UUID, 0, len(targets))
	for id := range targets {
		moving = append(moving, id)
	}
	now := f.Now()
	moved := map[uuid.UUID]int{}
	_, err = f.Torrents.Update(ctx, moving, f.lease, func(t *domain.Torrent) error {
		to := targets[t.ID]
		if t.SuitedTo(*to, f.Clients.Capabilities) && t.FailOver(f.from, *to, now) { // it may wish otherwise by now
			moved[to.ID]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	for to, n := range moved {
		f.count += n
		f.Log.InfoContext(ctx, "what waited for a server that is not well has gone to another",
			"server", f.from.ID, "to", to, "torrents", n, "not_well_since", f.from.Health.Problem.Since, "reason", f.from.Health.Problem.Message)
		f.Nudge(to)
	}
	return nil
}

// targets chooses a server for each torrent that may go and that one can take.
func (f *failover) targets(ctx context.Context, torrents []*domain.Torrent) (map[uuid.UUID]*domain.Server, error) {
	going, hashes, err := f.going(ctx, torrents)
	targets := map[uuid.UUID]*domain.Server{}
	if err != nil || len(going) == 0 {
		return targets, err
	}
	holders, err := f.Loads.Holders(ctx, f.Node, hashes)
	if err != nil {
		return nil, err
	}
	for _, t := range going {
		f.open(t)
		wish := domain.PlacementWish{Label: t.Label, Size: t.MagnetURI.ExactLength(), Holders: holders[t.InfoHash()]}
		server, err := f.Placement.Place(f.candidates, wish)
		if err != nil {
			f.Log.DebugContext(ctx, "no server takes over a torrent that waits", "torrent", t.ID, "server", f.from.ID, "error", err)
			continue
		}
		targets[t.ID] = server
		f.placed(server, t)
		holders[t.InfoHash()] = append(holders[t.InfoHash()], server.ID)
	}
	return targets, nil
}

// going returns the torrents that may go, with their contents. What the client has
// taken for another torrent would be downloaded a second time elsewhere, so it stays.
func (f *failover) going(ctx context.Context, torrents []*domain.Torrent) (going []*domain.Torrent, hashes []domain.InfoHash, err error) {
	for _, t := range torrents {
		if t.CanFailOver(f.from) {
			hashes = append(hashes, t.InfoHash())
		}
	}
	if len(hashes) == 0 {
		return nil, nil, nil
	}
	begun, err := f.Loads.Begun(ctx, f.from.ID, hashes)
	for _, t := range torrents {
		if t.CanFailOver(f.from) && !begun[t.InfoHash()] {
			going = append(going, t)
		}
	}
	return going, hashes, err
}

// placed counts one more torrent to a server.
func (f *failover) placed(server *domain.Server, t *domain.Torrent) {
	for i := range f.candidates {
		if c := &f.candidates[i]; c.ID == server.ID {
			c.Open, c.Active = c.Open+1, c.Active+1
			c.Promise(t.MagnetURI.ExactLength())
		}
	}
}
