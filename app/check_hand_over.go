package app

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// handOverBatch is how many torrents are handed over before that is written down.
const handOverBatch = 100

// handOver gives the client what it has not taken yet, oldest first, as far as it has
// slots for it: the rest waits without being a problem. It stops after an interval, so
// that completions are not told late because much is waiting: the next check observes
// first and then goes on.
func (r *round) handOver(ctx context.Context, open []domain.OpenTorrent) error {
	var due []domain.OpenTorrent
	for _, o := range open {
		if o.DueForHandOver(r.asked) {
			due = append(due, o)
		}
	}
	slots := domain.NewSlots(r.server, open, r.report)
	until := r.Now().Add(r.Interval)
	for len(due) > 0 && !r.result.More {
		var batch []domain.OpenTorrent
		if batch, due = fill(slots, due); len(batch) == 0 {
			return nil
		}
		refusals, err := r.handOverBatch(ctx, idsOf(batch), until)
		if err != nil {
			return err
		}
		for _, o := range batch {
			if refusals[o.InfoHash] {
				slots.Free(o.InfoHash)
			} else {
				slots.Keep(o.InfoHash)
			}
		}
	}
	return nil
}

// fill takes a batch from the front of due, and passes over what there is no slot for.
func fill(slots *domain.Slots, due []domain.OpenTorrent) (batch, rest []domain.OpenTorrent) {
	for i, o := range due {
		if len(batch) == handOverBatch {
			if rest == nil {
				return batch, due[i:]
			}
			return batch, append(rest, due[i:]...)
		}
		if slots.Take(o.InfoHash) {
			batch = append(batch, o)
		} else {
			rest = append(rest, o)
		}
	}
	return batch, rest
}

// handOverBatch adds some torrents and writes down what became of them. When the
// client goes away in between, or the time is up, what was done till then is kept. It
// returns what the client has refused.
func (r *round) handOverBatch(ctx context.Context, ids []uuid.UUID, until time.Time) (refusals map[domain.InfoHash]bool, err error) {
	torrents, err := r.Torrents.Find(ctx, domain.TorrentFilter{IDs: ids}, domain.TorrentPage{})
	if err != nil {
		return nil, err
	}
	slices.Reverse(torrents) // found newest first
	files, err := r.filesOf(ctx, torrents)
	if err != nil {
		return nil, err
	}
	answers, refusals := map[domain.InfoHash]handOverAnswer{}, map[domain.InfoHash]bool{}
	handedOver := map[uuid.UUID]*domain.Torrent{}
	can := r.Clients.Capabilities(r.server.Type)
	var away error
	for _, t := range torrents {
		if r.Now().After(until) {
			r.result.More = true
			break
		}
		hash := t.InfoHash()
		if _, asked := answers[hash]; !asked {
			var metainfo []byte
			if metainfo, away = files.of(ctx, t.ID); away != nil {
				break
			}
			reported, err := r.client.Add(ctx, t.Handover(metainfo, can))
			if err != nil && !refused(err) {
				if away = r.away(ctx, err); away != nil {
					break
				}
			}
			// A client that has just started may hold what it does not report yet. That is
			// rare, and to tell it of everything again would disturb what has begun.
			_, held := r.report.Transfers[hash]
			fresh := !held && !r.given[hash]
			r.given[hash] = true
			answers[hash] = handOverAnswer{reported: reported, err: err, given: t, fresh: fresh}
			refusals[hash] = err != nil
		}
		handedOver[t.ID] = t
	}
	if err := r.keepAnswers(ctx, handedOver, answers); err != nil {
		return nil, err
	}
	return refusals, away
}

// handOverAnswer is what the client said to one torrent.
type handOverAnswer struct {
	reported domain.InfoHash
	err      error
	// given is the torrent whose wishes went along. They were taken if the transfer is
	// fresh; one that was there already has not changed, and is told of them later.
	given *domain.Torrent
	fresh bool
}

// refused reports whether the client is well and does not take this one.
func refused(err error) bool {
	return domain.KindOf(err) == domain.KindInvalid || domain.KindOf(err) == domain.KindConflict
}

func (r *round) keepAnswers(ctx context.Context, handedOver map[uuid.UUID]*domain.Torrent, answers map[domain.InfoHash]handOverAnswer) error {
	if len(handedOver) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, 0, len(handedOver))
	for id := range handedOver {
		ids = append(ids, id)
	}
	now := r.Now()
	can := r.Clients.Capabilities(r.server.Type)
	accepted, refusals := 0, 0
	var wishing []uuid.UUID
	_, err := r.Torrents.Update(ctx, ids, r.lease, func(t *domain.Torrent) error {
		hash := handedOver[t.ID].InfoHash()
		if answer := answers[hash]; answer.err != nil {
			t.Refuse(r.server, hash, domain.MessageOf(answer.err), now)
			refusals++
		} else {
			t.Accept(r.server, hash, answer.reported, now)
			t.HandedOver(r.server, answer.given, answer.fresh, can, now)
			if t.ToTell(r.report) != 0 {
				wishing = append(wishing, t.ID)
			}
			accepted++
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.wishing = append(r.wishing, wishing...)
	r.result.HandedOver += accepted
	r.result.Refused += refusals
	return nil
}
