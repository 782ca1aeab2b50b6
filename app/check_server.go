package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Sizes of what a check does in one transaction or one call to a client.
const (
	observeBatch  = 500
	handOverBatch = 100
)

// checkServer is the check: read the open torrents (one query), ask the client
// (one request), write down what changed, then carry out removals and hand over
// what waits. Removals go before handing over, so that what was removed and added
// again ends up there.
func (c *Checks) checkServer(ctx context.Context, server *domain.Server, lease *domain.Lease) (result ServerCheck) {
	round := &round{Checks: c, server: *server, lease: lease, result: &result}
	err := round.run(ctx)
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
	client ports.TorrentClient
	result *ServerCheck
}

func (r *round) run(ctx context.Context) error {
	var err error
	if r.client, err = r.Clients.Open(r.server); err != nil {
		return clientFailure{err}
	}
	open, err := r.Torrents.Open(ctx, r.server.ID)
	if err != nil {
		return err
	}
	r.result.Open = len(open)
	report, err := r.client.Transfers(ctx, acceptedHashes(open))
	if err != nil {
		return clientFailure{err}
	}
	if err := r.observe(ctx, open, report); err != nil {
		return err
	}
	if err := r.remove(ctx); err != nil {
		return err
	}
	return r.handOver(ctx, open)
}

func acceptedHashes(open []domain.OpenTorrent) []domain.InfoHash {
	hashes := make([]domain.InfoHash, 0, len(open))
	for _, o := range open {
		if o.Accepted {
			hashes = append(hashes, o.InfoHash)
		}
	}
	return hashes
}

// observe writes down what the report changes, and touches nothing else.
func (r *round) observe(ctx context.Context, open []domain.OpenTorrent, report domain.Report) error {
	now := r.Now()
	var changed []uuid.UUID
	for _, o := range open {
		if o.Changes(report, now) {
			changed = append(changed, o.ID)
		}
	}
	for ids := range batches(changed, observeBatch) {
		completed := 0
		_, err := r.Torrents.Update(ctx, ids, r.lease, func(t *domain.Torrent) error {
			wasOpen := t.Open()
			t.Observe(r.server, report, now)
			if wasOpen && !t.Open() {
				completed++
			}
			return nil
		})
		if err != nil {
			return err
		}
		r.result.Completed += completed
	}
	return nil
}

// handOver gives the client what it has not taken yet, oldest first. It stops after
// an interval, so that completions are not told late because much is waiting: the
// next check observes first and then goes on.
func (r *round) handOver(ctx context.Context, open []domain.OpenTorrent) error {
	now := r.Now()
	var due []uuid.UUID
	for _, o := range open {
		if o.DueForHandOver(now) {
			due = append(due, o.ID)
		}
	}
	until := now.Add(r.Interval)
	for ids := range batches(due, handOverBatch) {
		if err := r.handOverBatch(ctx, ids, until); err != nil || r.result.More {
			return err
		}
	}
	return nil
}

// handOverBatch adds the magnets of some torrents and writes down what became of
// them. When the client goes away in between, or the time is up, what was done till
// then is kept.
func (r *round) handOverBatch(ctx context.Context, ids []uuid.UUID, until time.Time) error {
	torrents, err := r.Torrents.Find(ctx, domain.TorrentFilter{IDs: ids}, domain.TorrentPage{})
	if err != nil {
		return err
	}
	answers := map[domain.InfoHash]handOverAnswer{}
	handedOver := map[uuid.UUID]domain.InfoHash{}
	var away error
	for _, t := range slices.Backward(torrents) { // found newest first
		if r.Now().After(until) {
			r.result.More = true
			break
		}
		hash := t.InfoHash()
		if _, asked := answers[hash]; !asked {
			reported, err := r.client.Add(ctx, t.MagnetURI)
			if err != nil && !refused(err) {
				if away = r.away(ctx, err); away != nil {
					break
				}
			}
			answers[hash] = handOverAnswer{reported: reported, err: err}
		}
		handedOver[t.ID] = hash
	}
	if err := r.keepAnswers(ctx, handedOver, answers); err != nil {
		return err
	}
	return away
}

// handOverAnswer is what the client said to one magnet.
type handOverAnswer struct {
	reported domain.InfoHash
	err      error
}

// refused reports whether the client is well and does not take this one.
func refused(err error) bool {
	return isKind(err, domain.KindInvalid) || isKind(err, domain.KindConflict)
}

// away tells, after a request about certain torrents has failed with err, whether
// the client is away altogether (an error) or fails over these alone (nil): one
// torrent that a client cannot bear must not keep the others waiting.
func (r *round) away(ctx context.Context, err error) error {
	if ctx.Err() != nil || !isKind(err, domain.KindUnavailable) {
		return clientFailure{err}
	}
	if _, asking := r.client.Transfers(ctx, nil); asking != nil {
		return clientFailure{err}
	}
	return nil
}

func (r *round) keepAnswers(ctx context.Context, handedOver map[uuid.UUID]domain.InfoHash, answers map[domain.InfoHash]handOverAnswer) error {
	if len(handedOver) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, 0, len(handedOver))
	for id := range handedOver {
		ids = append(ids, id)
	}
	now := r.Now()
	accepted, refusals := 0, 0
	_, err := r.Torrents.Update(ctx, ids, r.lease, func(t *domain.Torrent) error {
		hash := handedOver[t.ID]
		if answer := answers[hash]; answer.err != nil {
			t.Refuse(r.server, hash, domain.MessageOf(answer.err), now)
			refusals++
		} else {
			t.Accept(r.server, hash, answer.reported, now)
			accepted++
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.result.HandedOver += accepted
	r.result.Refused += refusals
	return nil
}
