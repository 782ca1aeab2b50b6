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
	now := r.Now()
	var due []domain.OpenTorrent
	for _, o := range open {
		if o.DueForHandOver(now) {
			due = append(due, o)
		}
	}
	slots := domain.NewSlots(r.server, open, r.report)
	until := now.Add(r.Interval)
	for len(due) > 0 && !r.result.More {
		var batch []domain.OpenTorrent
		if batch, due = fill(slots, due); len(batch) == 0 {
			return nil
		}
		refusals, err := r.handOverBatch(ctx, idsOf(batch), until)
		if err != nil {
			return err
		}
		for _, hash := range refusals {
			slots.Free(hash)
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
func (r *round) handOverBatch(ctx context.Context, ids []uuid.UUID, until time.Time) (refusals []domain.InfoHash, err error) {
	torrents, err := r.Torrents.Find(ctx, domain.TorrentFilter{IDs: ids}, domain.TorrentPage{})
	if err != nil {
		return nil, err
	}
	slices.Reverse(torrents) // found newest first
	files, err := r.filesOf(ctx, torrents)
	if err != nil {
		return nil, err
	}
	answers := map[domain.InfoHash]handOverAnswer{}
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
			_, held := r.report.Transfers[hash]
			answers[hash] = handOverAnswer{reported: reported, err: err, given: t.ID, fresh: !held && !r.report.Settling}
			if err != nil {
				refusals = append(refusals, hash)
			}
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
	given uuid.UUID
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
	accepted, refusals := 0, 0
	_, err := r.Torrents.Update(ctx, ids, r.lease, func(t *domain.Torrent) error {
		given := handedOver[t.ID]
		hash := given.InfoHash()
		if answer := answers[hash]; answer.err != nil {
			t.Refuse(r.server, hash, domain.MessageOf(answer.err), now)
			refusals++
		} else {
			t.Accept(r.server, hash, answer.reported, now)
			if answer.fresh && answer.given == t.ID {
				t.HandedOver(r.server, given, now)
			}
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
