package app

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// observeBatch is how many torrents are written down in one transaction.
const observeBatch = 500

// checkServer is the check: read the open torrents (one query), ask the client
// (one request), write down what changed, then carry out removals, tell what is wished
// and hand over what waits. Removals go before handing over, so that what was removed
// and added again ends up there.
func (c *Checks) checkServer(ctx context.Context, server *domain.Server, lease *domain.Lease) (result ServerCheck) {
	round := &round{Checks: c, server: *server, lease: lease, result: &result, given: map[domain.InfoHash]bool{}}
	err := round.run(ctx)
	server.Health.Probed = round.server.Health.Probed
	switch {
	case errors.Is(err, ports.ErrHeldElsewhere):
		result.Skipped = true
	case err != nil:
		result.Err = err
	}
	return result
}

// clientFailure marks an error that is the client's, and so tells of the server's
// health, other than one of the store.
type clientFailure struct{ error }

// Unwrap returns the client's own error.
func (f clientFailure) Unwrap() error { return f.error }

// round is one check of one server.
type round struct {
	*Checks
	server domain.Server
	lease  *domain.Lease
	client ports.OpenClient
	result *ServerCheck
	// report is what the client said when it was asked, of whatever could be handed over.
	report domain.Report
	asked  time.Time
	// given is what the client was offered since.
	given map[domain.InfoHash]bool
	// wishing are torrents that have come to wish something in this check, and are still
	// to be looked at.
	wishing []uuid.UUID
}

func (r *round) run(ctx context.Context) error {
	var err error
	if r.client, err = r.Clients.Open(r.server); err != nil {
		return clientFailure{err}
	}
	if err := r.knock(ctx); err != nil {
		return err
	}
	open, err := r.Torrents.Open(ctx, r.server.ID)
	if err != nil {
		return err
	}
	for _, o := range open {
		if o.Completed == nil {
			r.result.Open++
		}
	}
	r.asked = r.Now()
	r.report, err = r.client.Transfers(ctx, askedHashes(open, r.asked))
	r.result.Latency = r.Now().Sub(r.asked)
	if err != nil {
		return clientFailure{err}
	}
	if err := r.observe(ctx, open); err != nil {
		return err
	}
	if err := r.remove(ctx); err != nil {
		return err
	}
	if err := r.tell(ctx, open); err != nil {
		return err
	}
	if err := r.handOver(ctx, open); err != nil {
		return err
	}
	if !r.result.More {
		if err := r.tell(ctx, nil); err != nil { // of what was there already
			return err
		}
	}
	r.probe(ctx)
	return nil
}

// knock asks a server that did not answer last time whether it does now. Until it does,
// none of its torrents are read, so that dead servers take no time from the others.
func (r *round) knock(ctx context.Context) error {
	if r.server.Health.Reachable() {
		return nil
	}
	if _, err := r.client.Transfers(ctx, nil); err != nil {
		return clientFailure{err}
	}
	return nil
}

// askedHashes are what the client has taken, and what it is to be given: it may hold that
// already.
func askedHashes(open []domain.OpenTorrent, now time.Time) []domain.InfoHash {
	hashes := make([]domain.InfoHash, 0, len(open))
	for _, o := range open {
		if o.Accepted || o.DueForHandOver(now) {
			hashes = append(hashes, o.InfoHash)
		}
	}
	return hashes
}

// observe writes down what the report changes, and touches nothing else.
func (r *round) observe(ctx context.Context, open []domain.OpenTorrent) error {
	now := r.Now()
	var changed []uuid.UUID
	for _, o := range open {
		if o.Changes(r.server, r.report, now) {
			changed = append(changed, o.ID)
		}
	}
	for ids := range batches(changed, observeBatch) {
		completed := 0
		var wishing []uuid.UUID
		_, err := r.Torrents.Update(ctx, ids, r.lease, func(t *domain.Torrent) error {
			wasOpen, wished := t.Open(), t.Unapplied
			t.Observe(r.server, r.report, now)
			if wasOpen && !t.Open() {
				completed++
			}
			if t.Unapplied&^wished != 0 {
				wishing = append(wishing, t.ID)
			}
			return nil
		})
		if err != nil {
			return err
		}
		r.result.Completed += completed
		r.wishing = append(r.wishing, wishing...)
	}
	return nil
}

// away tells, after a request about certain torrents has failed with err, whether
// the client is away altogether (an error) or fails over these alone (nil): one
// torrent that a client cannot bear must not keep the others waiting.
func (r *round) away(ctx context.Context, err error) error {
	if ctx.Err() != nil || domain.KindOf(err) != domain.KindUnavailable {
		return clientFailure{err}
	}
	if _, asking := r.client.Transfers(ctx, nil); asking != nil {
		return clientFailure{err}
	}
	return nil
}
