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

// handOverBatch adds some torrents and writes down what became of them. When the client goes away in between, or the time is up, what was done till
// then is kept.
func (r *round) handOverBatch(ctx context.Context, ids []uuid.UUID, until time.Time) error {
	torrents, err := r.Torrents.Find(ctx, domain.TorrentFilter{IDs: ids}, domain.TorrentPage{})
	if err != nil {
		return err
	}
	slices.Reverse(torrents) // found newest first
	files, err := r.filesOf(ctx, torrents)
	if err != nil {
		return err
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
		}
		handedOver[t.ID] = t
	}
	if err := r.keepAnswers(ctx, handedOver, answers); err != nil {
		return err
	}
	return away
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
