package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// finish adds torrents first..last for actor and completes them.
func (h *house) finish(t *testing.T, actor domain.Actor, s *domain.Server, first, last int) {
	t.Helper()
	for n := first; n <= last; n++ {
		h.add(t, actor, n, s)
	}
	h.check(t)
	for n := first; n <= last; n++ {
		h.clients.Daemon(s.ID).Finish(hash(n))
	}
	h.check(t)
}

// completed lets completions through.
var completed = domain.EventFilter{Types: []domain.EventType{domain.EventCompleted}}

// watch follows completions.
func (h *house) watch(ctx context.Context, actor domain.Actor, after *domain.Cursor) (<-chan domain.Event, error) {
	return h.events.Watch(ctx, func() domain.Actor { return actor }, after, completed)
}

func next(t *testing.T, events <-chan domain.Event) domain.Event {
	t.Helper()
	select {
	case event, open := <-events:
		if !open {
			t.Fatal("the subscription ended")
		}
		return event
	case <-time.After(20 * time.Second):
		t.Fatal("no event within 20 s")
		panic("unreachable")
	}
}

func TestFindCompletions(t *testing.T) {
	t.Parallel()

	t.Run("without a cursor begins at the oldest that is kept", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.finish(t, admin(), s, 1, 3)
		all := h.completions(t)
		if len(all) != 3 {
			t.Fatalf("%d before pruning", len(all))
		}
		if n, err := h.events.Prune(t.Context(), h.clock().Add(time.Hour)); err != nil || n == 0 {
			t.Fatalf("pruned %d, %v", n, err)
		}
		if kept := h.completions(t); len(kept) != 1 || kept[0].Cursor != all[2].Cursor {
			t.Errorf("kept %+v", kept)
		}
		start := domain.Cursor(0)
		_, err := h.events.Find(t.Context(), admin(), &start, completed, 1)
		wantKind(t, err, domain.KindCursorExpired, "after")
	})
}

func TestWatchCompletions(t *testing.T) {
	t.Parallel()

	t.Run("replays from the cursor, then follows, each once and in order", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.finish(t, admin(), s, 1, 250) // more than one batch
		start := domain.Cursor(0)
		events, err := h.watch(t.Context(), admin(), &start)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		last := domain.Cursor(0)
		take := func(n int) {
			for range n {
				event := next(t, events)
				if event.Cursor <= last || seen[event.HashString] {
					t.Fatalf("out of order or twice: %+v", event)
				}
				last, seen[event.HashString] = event.Cursor, true
			}
		}
		take(250)
		h.finish(t, admin(), s, 251, 260)
		take(10)
		again, err := h.watch(t.Context(), admin(), &last)
		if err != nil {
			t.Fatal(err)
		}
		h.finish(t, admin(), s, 261, 261)
		if event := next(t, again); event.HashString != hash(261).String() {
			t.Fatalf("a reader that came back got %+v", event)
		}
	})

	t.Run("without a cursor tells only what is to come", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.finish(t, admin(), s, 1, 3)
		events, err := h.watch(t.Context(), admin(), nil)
		if err != nil {
			t.Fatal(err)
		}
		h.finish(t, admin(), s, 4, 4)
		if event := next(t, events); event.HashString != hash(4).String() {
			t.Fatalf("%+v", event)
		}
	})

	t.Run("tells a member of their own only", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		me := member(uuid.New())
		start := domain.Cursor(0)
		events, err := h.watch(t.Context(), me, &start)
		if err != nil {
			t.Fatal(err)
		}
		h.finish(t, admin(), s, 1, 3)
		h.finish(t, me, s, 4, 4)
		if event := next(t, events); event.HashString != hash(4).String() {
			t.Fatalf("%+v", event)
		}
	})

	t.Run("ends with the context and with the credential", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		ctx, cancel := context.WithCancel(t.Context())
		events, err := h.watch(ctx, admin(), nil)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if _, open := <-events; open {
			t.Fatal("an event after the end")
		}
		expiring := admin()
		soon := time.Now().Add(20 * time.Millisecond)
		expiring.ExpiresAt = &soon
		if events, err = h.watch(t.Context(), expiring, nil); err != nil {
			t.Fatal(err)
		}
		if _, open := <-events; open {
			t.Fatal("an event after the credential expired")
		}
	})

	t.Run("refuses a cursor that the log no longer reaches", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.finish(t, admin(), s, 1, 3)
		if n, err := h.events.Prune(t.Context(), h.clock().Add(time.Hour)); err != nil || n == 0 {
			t.Fatalf("pruned %d, %v", n, err)
		}
		start := domain.Cursor(0)
		_, err := h.watch(t.Context(), admin(), &start)
		wantKind(t, err, domain.KindCursorExpired, "after")
	})
}
