package app

import (
	"context"
	"slices"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// watcherBuffer is how many events wait for a watcher before it counts as slow.
const watcherBuffer = 8

// watcher is one who follows the event log. It is either live, and told by the feed
// that it belongs to, or catches up in a goroutine of its own: only that one of the two
// uses seen and out.
type watcher struct {
	actor  func() domain.Actor
	filter domain.EventFilter
	out    chan domain.Event
	told   func()          // after something was put into out
	ctx    context.Context //nolint:containedctx // what it lives in
	end    context.CancelFunc

	// The rest is used under the feed's mu; seen also by the goroutine.

	// live: the feed tells it.
	live bool
	// seen is how far it has been told all that it wants; of a live watcher, that or
	// how far the feed has, whichever is more.
	seen domain.Cursor
	// expiry looks at the actor's credential when that ends; nil for never.
	expiry *time.Timer
}

// close tells that there is no more.
func (w *watcher) close() {
	close(w.out)
	w.told()
}

// wants reports whether an event is to be told to whoever is listening now. A watcher
// that has been ended wants nothing more: there would be a gap.
func (w *watcher) wants(event *domain.Event) bool {
	if !w.filter.Matches(event) || w.ctx.Err() != nil {
		return false
	}
	actor := w.actor()
	if expired(actor) {
		w.end()
		return false
	}
	return actor.MayUse(event.UserID)
}

// offer gives those of events that are wanted, as far as there is room. It returns some
// of the rest, and counts them as seen.
func (w *watcher) offer(events []*domain.Event) (rest []*domain.Event) {
	for i, event := range events {
		if event.Cursor <= w.seen || !w.wants(event) {
			continue
		}
		select {
		case w.out <- *event:
			w.told()
		default:
			rest = slices.Clone(events[i:min(i+eventBatch, len(events))])
			w.seen = rest[len(rest)-1].Cursor
			return rest
		}
	}
	return nil
}

// endWithCredential ends a watcher when its actor's credential ends, and was not
// renewed in the meantime.
func (f *feed) endWithCredential(w *watcher) {
	actor := w.actor()
	if actor.ExpiresAt == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, there := f.watchers[w]; !there {
		return
	}
	w.expiry = time.AfterFunc(time.Until(*actor.ExpiresAt), func() {
		if expired(w.actor()) {
			w.end()
			return
		}
		f.endWithCredential(w)
	})
}

func expired(actor domain.Actor) bool {
	return actor.ExpiresAt != nil && !time.Now().Before(*actor.ExpiresAt)
}
