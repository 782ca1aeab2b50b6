package app

import (
	"context"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Watch follows the events behind a cursor, or from now on when after is nil: each
// exactly once and in order. What may be heard is decided anew for each event by
// actor, which says who is listening at that moment; it must be quick, and must not
// use Events. The channel is closed when ctx ends, when the actor's credential does,
// and when the reader has fallen behind what the log keeps; a reader that comes back
// with the last cursor it saw misses nothing. KindCursorExpired when the log does
// not reach back to after.
func (a *Events) Watch(ctx context.Context, actor func() domain.Actor, after *domain.Cursor, filter domain.EventFilter) (<-chan domain.Event, error) {
	return a.WatchAnd(ctx, actor, after, filter, func() {})
}

// WatchAnd is Watch for those who do not wait at the channel: told is called, after that,
// for each event that has been put there, and once more when it is closed. It must be
// quick.
func (a *Events) WatchAnd(ctx context.Context, actor func() domain.Actor, after *domain.Cursor, filter domain.EventFilter, told func()) (<-chan domain.Event, error) {
	if err := filter.Validate(); err != nil {
		return nil, err
	}
	newest, err := a.EventLog.Newest(ctx)
	if err != nil {
		return nil, err
	}
	w := &watcher{actor: actor, filter: filter, told: told, out: make(chan domain.Event, watcherBuffer), seen: newest}
	if after != nil {
		if err := reached("after", *after, newest); err != nil {
			return nil, err
		}
		w.seen = *after
	}
	ctx, w.end = context.WithCancel(ctx)
	w.ctx = ctx
	a.enter(w, newest) //nolint:contextcheck // the reading is for all, and lasts longer than the first of them
	context.AfterFunc(ctx, func() { a.feed.leave(w) })
	a.feed.endWithCredential(w)
	events, live, err := a.behind(w)
	if err != nil {
		w.end()
		return nil, err
	}
	if !live {
		go a.replay(w, events)
	}
	return w.out, nil
}

// replay tells a watcher what lies between it and the feed, from the feed's memory or
// the log, and ends when it has caught up.
func (a *Events) replay(w *watcher, events []*domain.Event) {
	for {
		for _, event := range events {
			if !w.wants(event) {
				continue
			}
			select {
			case w.out <- *event:
				w.told()
			case <-w.ctx.Done():
			}
			if w.ctx.Err() != nil {
				break
			}
		}
		if w.ctx.Err() != nil {
			w.close()
			return
		}
		var live bool
		var err error
		events, live, err = a.behind(w)
		switch {
		case live:
			return
		case domain.KindOf(err) == domain.KindCursorExpired:
			w.end()
		case err != nil && w.ctx.Err() == nil:
			// It has not moved, so nothing is lost.
			a.Log.WarnContext(w.ctx, "replaying the event log", "error", err)
			pause(w.ctx, a.Poll)
		}
	}
}

// behind returns some of what a watcher has not seen, and counts it as seen; or makes
// the watcher live, when that is nothing.
func (a *Events) behind(w *watcher) (events []*domain.Event, live bool, err error) {
	events, live, told := a.feed.join(w)
	if live || len(events) > 0 {
		return events, live, nil
	}
	found, err := a.EventLog.After(w.ctx, ports.EventQuery{
		After: w.seen, Filter: audible(w.actor(), w.filter), Limit: eventBatch,
	})
	if err != nil {
		return nil, false, err
	}
	events = make([]*domain.Event, len(found))
	for i := range found {
		events[i] = &found[i]
		w.seen = found[i].Cursor
	}
	if len(found) < eventBatch { // so there was no more, at the least up to where the feed was before
		w.seen = max(w.seen, told)
	}
	return events, false, nil
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, duration time.Duration) {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
