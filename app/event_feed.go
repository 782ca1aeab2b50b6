package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// feed is what all who watch the event log share: one reader, and what it read
// lately. It reads only while somebody watches. The zero feed is ready for use.
type feed struct {
	mu       sync.Mutex
	watchers map[*watcher]struct{}
	// stop ends the reading; nil while nobody watches.
	stop context.CancelFunc
	// told is how far it has read: live watchers have been told everything up to it.
	told domain.Cursor
	// recent are all events behind floor and up to told, so that a watcher which comes
	// back, or is a little slow, need not go to the log.
	recent []*domain.Event
	floor  domain.Cursor
}

// feedMemory is how many events a feed remembers, at least.
const feedMemory = 1000

// enter takes a watcher in. The first one begins the reading, at newest: a place that
// is not behind the newest event.
func (a *Events) enter(w *watcher, newest domain.Cursor) {
	f := &a.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.watchers) == 0 {
		f.watchers = map[*watcher]struct{}{}
		f.told, f.floor = newest, newest
		var ctx context.Context
		ctx, f.stop = context.WithCancel(context.Background())
		go a.read(ctx)
	}
	f.watchers[w] = struct{}{}
}

// leave forgets a watcher whose context has ended; the last one ends the reading.
func (f *feed) leave(w *watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.watchers, w)
	if w.expiry != nil {
		w.expiry.Stop()
	}
	if w.live {
		w.live = false
		w.close() // otherwise whoever replays does it
	}
	if len(f.watchers) == 0 {
		f.stop()
		f.recent = nil
	}
}

// read reads the log on, for all watchers at once, until the last has left.
func (a *Events) read(ctx context.Context) {
	hint, stop := a.Signal.Subscribe()
	defer stop()
	poll := time.NewTicker(a.Poll)
	defer poll.Stop()
	for ctx.Err() == nil {
		events, err := a.EventLog.After(ctx, ports.EventQuery{After: a.feed.position(), Limit: eventBatch})
		switch expired, _ := errors.AsType[*domain.Error](err); {
		case err == nil:
			if a.tell(ctx, events); len(events) == eventBatch {
				continue
			}
		case domain.KindOf(err) == domain.KindCursorExpired:
			a.feed.skip(ctx, expired.Oldest)
			continue
		case ctx.Err() == nil:
			// The next poll tries again; the position has not moved, so nothing is lost.
			a.Log.WarnContext(ctx, "reading the event log", "error", err)
		}
		select {
		case <-hint:
		case <-poll.C:
		case <-ctx.Done():
		}
	}
}

// tell gives events to all who are live. Whoever has not taken the earlier ones yet is
// live no longer until it has caught up by itself.
func (a *Events) tell(ctx context.Context, events []domain.Event) {
	f := &a.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil || len(events) == 0 { // another reads by now
		return
	}
	f.remember(events)
	fresh := f.recent[len(f.recent)-len(events):]
	for w := range f.watchers {
		if !w.live {
			continue
		}
		if missing := w.offer(fresh); len(missing) > 0 {
			w.live = false
			go a.replay(w, missing)
		}
	}
}

// remember keeps events, and forgets the oldest where they have become too many.
func (f *feed) remember(events []domain.Event) {
	if len(f.recent) >= 2*feedMemory {
		forgotten := len(f.recent) - feedMemory
		f.floor = f.recent[forgotten-1].Cursor
		f.recent = slices.Clone(f.recent[forgotten:])
	}
	for i := range events {
		f.recent = append(f.recent, &events[i])
	}
	f.told = events[len(events)-1].Cursor
}

func (f *feed) position() domain.Cursor {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.told
}

// skip goes on at oldest, since what lies before it is not kept any more. Those who
// would have been told of that are at their end: they may have missed something.
func (f *feed) skip(ctx context.Context, oldest domain.Cursor) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	for w := range f.watchers {
		if w.live && max(w.seen, f.told) < oldest {
			w.end()
		}
	}
	f.told, f.floor, f.recent = oldest, oldest, nil
}

// join makes a watcher live that has seen all that the feed has told. Of one that has
// not, it returns some of what is missing, if that is recent, and counts it as seen.
// It also returns how far the feed is.
func (f *feed) join(w *watcher) (missing []*domain.Event, live bool, told domain.Cursor) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, there := f.watchers[w]; !there || w.seen < f.floor {
		return nil, false, f.told
	}
	from, _ := slices.BinarySearchFunc(f.recent, w.seen+1, func(event *domain.Event, next domain.Cursor) int {
		return cmp.Compare(event.Cursor, next)
	})
	missing = w.offer(f.recent[from:])
	w.live = len(missing) == 0
	return missing, w.live, f.told
}
