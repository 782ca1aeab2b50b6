package portstest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// history logs an event for each minute from 1 to n, with gaps where a change
// was undone, and returns the cursors by minute.
func history(t *testing.T, store Store, n int) []domain.Cursor {
	t.Helper()
	server := addServer(t, store)
	for minute := 1; minute <= n; minute++ {
		torrent := aTorrent(t, server, after(minute))
		ok(t, store.Torrents.Add(t.Context(), torrent))
		_, err := store.Torrents.Update(t.Context(), []uuid.UUID{torrent.ID}, nil, func(torrent *domain.Torrent) error {
			torrent.Remove(false, after(minute))
			return errChange
		})
		givesUp(t, err)
	}
	cursors := []domain.Cursor{0}
	for _, event := range logged(t, store) {
		cursors = append(cursors, event.Cursor)
	}
	if len(cursors) != n+1 {
		t.Fatalf("logged %d events", len(cursors)-1)
	}
	return cursors
}

func pruningEvents() facts {
	prune := func(t *testing.T, store Store, before time.Time, want int) {
		t.Helper()
		pruned, err := store.EventLog.Prune(t.Context(), before)
		ok(t, err)
		if pruned != want {
			t.Errorf("pruned %d, want %d", pruned, want)
		}
	}
	reads := func(t *testing.T, store Store, start domain.Cursor, want ...domain.Cursor) {
		t.Helper()
		events, err := store.EventLog.After(t.Context(), ports.EventQuery{After: start, Limit: 100})
		ok(t, err)
		var got []domain.Cursor
		for _, event := range events {
			got = append(got, event.Cursor)
		}
		if !slices.Equal(got, want) {
			t.Errorf("after %d there is %v, want %v", start, got, want)
		}
	}
	expired := func(t *testing.T, store Store, start domain.Cursor) {
		t.Helper()
		for _, limit := range []int{1, 100} {
			_, err := store.EventLog.After(t.Context(), ports.EventQuery{After: start, Limit: limit})
			fails(t, err, domain.KindCursorExpired, "after")
		}
	}
	oldest := func(t *testing.T, store Store) domain.Cursor {
		t.Helper()
		cursor, err := store.EventLog.Oldest(t.Context())
		ok(t, err)
		return cursor
	}
	unpruned := func(t *testing.T, store Store) {
		t.Helper()
		if cursor := oldest(t, store); cursor != 0 {
			t.Errorf("the oldest cursor is %d", cursor)
		}
	}
	return facts{
		"the oldest cursor reads all that is kept, and any older one has expired": func(t *testing.T, store Store) {
			cursors := history(t, store, 6)
			unpruned(t, store)
			for _, first := range []int{3, 6} {
				prune(t, store, after(first), min(first-1, 3))
				reads(t, store, oldest(t, store), cursors[first:]...)
				expired(t, store, oldest(t, store)-1)
			}
		},
		"pruning forgets what is older, and only cursors that miss something expire": func(t *testing.T, store Store) {
			cursors := history(t, store, 6)
			prune(t, store, after(4), 3)
			for minute := range 3 {
				expired(t, store, cursors[minute])
			}
			for minute := 3; minute <= 6; minute++ {
				reads(t, store, cursors[minute], cursors[minute+1:]...)
			}
			prune(t, store, after(4), 0)
		},
		"an event of that very moment is not older": func(t *testing.T, store Store) {
			history(t, store, 3)
			prune(t, store, after(1), 0)
			prune(t, store, after(1).Add(time.Microsecond), 1)
		},
		"the newest event is never pruned": func(t *testing.T, store Store) {
			cursors := history(t, store, 4)
			prune(t, store, after(1000), 3)
			reads(t, store, cursors[3], cursors[4])
			reads(t, store, cursors[4])
			expired(t, store, cursors[2])
			prune(t, store, after(1000), 0)
			newest, err := store.EventLog.Newest(t.Context())
			ok(t, err)
			if newest != cursors[4] {
				t.Errorf("newest is %d, was %d", newest, cursors[4])
			}
		},
		"the log goes on behind what was pruned": func(t *testing.T, store Store) {
			cursors := history(t, store, 3)
			prune(t, store, after(1000), 2)
			addTorrent(t, store, addServer(t, store))
			newest, err := store.EventLog.Newest(t.Context())
			ok(t, err)
			if newest <= cursors[3] {
				t.Errorf("newest is %d after %d", newest, cursors[3])
			}
			reads(t, store, cursors[2], cursors[3], newest)
			reads(t, store, cursors[3], newest)
		},
		"pruning an empty log forgets nothing": func(t *testing.T, store Store) {
			prune(t, store, after(1000), 0)
			reads(t, store, 0)
			unpruned(t, store)
		},
		"pruning nothing expires no cursor": func(t *testing.T, store Store) {
			cursors := history(t, store, 2)
			prune(t, store, after(-1000), 0)
			reads(t, store, 0, cursors[1:]...)
			unpruned(t, store)
		},
	}
}
