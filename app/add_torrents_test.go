package app_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

func (h *house) logged(t *testing.T) []domain.Event {
	t.Helper()
	events, err := h.store.EventLog().After(t.Context(), ports.EventQuery{Limit: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func keyed(n int, key string) app.AddTorrent {
	return app.AddTorrent{MagnetURI: magnet(n), IdempotencyKey: &key}
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()

	t.Run("the same key is the same torrent, as it is now and whatever became of it", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		a, b := h.server(t, "a"), h.server(t, "b")
		me := member(uuid.New())
		input := keyed(1, "k")
		input.ServerID = &a.ID
		first, err := h.torrents.Add(t.Context(), me, input)
		if err != nil {
			t.Fatal(err)
		}
		again := func(want domain.Torrent) {
			t.Helper()
			before, nudged := len(h.logged(t)), len(h.nudged)
			for _, server := range []*uuid.UUID{&a.ID, nil} {
				input.ServerID = server
				got, err := h.torrents.Add(t.Context(), me, input)
				if err != nil || got.ID != first.ID || got.ServerID != want.ServerID || got.Name != want.Name || got.Removed() != want.Removed() {
					t.Fatalf("got %+v, %v", got, err)
				}
			}
			if len(h.logged(t)) != before || len(h.nudged) != nudged {
				t.Error("it was told again")
			}
		}
		again(*first)
		moved, err := h.torrents.Update(t.Context(), me, first.ID, app.UpdateTorrent{
			ServerID: app.Some(b.ID), MagnetURI: app.Some(magnet(2)), Name: app.Some("other"),
		})
		if err != nil {
			t.Fatal(err)
		}
		again(*moved)
		removed, err := h.torrents.Remove(t.Context(), me, first.ID, false)
		if err != nil {
			t.Fatal(err)
		}
		again(*removed)
	})

	t.Run("another magnet or server under the same key is a conflict that names it", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		a, b := h.server(t, "a"), h.server(t, "b")
		input := keyed(1, "k")
		input.ServerID = &a.ID
		if _, err := h.torrents.Add(t.Context(), admin(), input); err != nil {
			t.Fatal(err)
		}
		_, err := h.torrents.Add(t.Context(), admin(), keyed(2, "k"))
		wantKind(t, err, domain.KindConflict, "magnetURI")
		input.ServerID = &b.ID
		_, err = h.torrents.Add(t.Context(), admin(), input)
		wantKind(t, err, domain.KindConflict, "serverId")
		if n := len(h.logged(t)); n != 1 {
			t.Errorf("%d events", n)
		}
	})

	t.Run("a key is its user's alone, and stays so when the torrent is given away", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.server(t, "a")
		me, them := member(uuid.New()), member(uuid.New())
		seen := map[uuid.UUID]bool{}
		for _, actor := range []domain.Actor{me, them, admin(), domain.System()} {
			got, err := h.torrents.Add(t.Context(), actor, keyed(1, "k"))
			if err != nil {
				t.Fatal(err)
			}
			seen[got.ID] = true
		}
		if len(seen) != 4 {
			t.Errorf("%d torrents for 4 users", len(seen))
		}
		mine, err := h.torrents.Add(t.Context(), me, keyed(1, "k"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.torrents.Update(t.Context(), admin(), mine.ID, app.UpdateTorrent{UserID: app.Some(&them.UserID)}); err != nil {
			t.Fatal(err)
		}
		_, err = h.torrents.Add(t.Context(), me, keyed(1, "k"))
		wantKind(t, err, domain.KindConflict, "idempotencyKey")
	})

	t.Run("what cannot be a key is refused, and nothing is stored", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.server(t, "a")
		for _, key := range []string{"", " ", "a ", "a\nb", "\x00", "\xff", strings.Repeat("k", 256)} {
			_, err := h.torrents.Add(t.Context(), admin(), keyed(1, key))
			wantKind(t, err, domain.KindInvalid, "idempotencyKey")
		}
		if n := len(h.logged(t)); n != 0 {
			t.Errorf("%d events", n)
		}
	})

	t.Run("of many who race with one key, all get the one torrent", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.server(t, "a")
		h.server(t, "b")
		ids := make([]uuid.UUID, 32)
		var wait sync.WaitGroup
		for i := range ids {
			wait.Go(func() {
				got, err := h.torrents.Add(t.Context(), admin(), keyed(1, "k"))
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = got.ID
			})
		}
		wait.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("got %s and %s", ids[0], id)
			}
		}
		if n := len(h.logged(t)); n != 1 {
			t.Errorf("%d events", n)
		}
	})
}

func TestAddTorrents(t *testing.T) {
	t.Parallel()

	t.Run("each has its result, and those at fault keep no other out", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		a, b := h.server(t, "a"), h.server(t, "b")
		unknown := uuid.New()
		inputs := []app.AddTorrent{
			{MagnetURI: magnet(1)},
			{MagnetURI: "no magnet", ServerID: &unknown},
			{MagnetURI: magnet(2), ServerID: &b.ID},
			{MagnetURI: magnet(3), ServerID: &unknown},
			{MagnetURI: "magnet:?xt=urn:btih:" + strings.Repeat("4", 40), Name: strings.Repeat("n", 256)},
			keyed(5, "k"), keyed(5, "k"), keyed(6, "k"), keyed(7, ""),
			{MagnetURI: magnet(8)},
		}
		kinds := map[int]string{1: "magnetURI", 3: "serverId", 4: "name", 8: "idempotencyKey"}
		for _, dryRun := range []bool{true, false} {
			h.nudged = nil
			results, err := h.torrents.AddAll(t.Context(), admin(), inputs, dryRun)
			if err != nil || len(results) != len(inputs) {
				t.Fatal(results, err)
			}
			for i, r := range results {
				if field, bad := kinds[i]; bad {
					wantKind(t, r.Err, domain.KindInvalid, field)
				} else if i == 7 {
					wantKind(t, r.Err, domain.KindConflict, "magnetURI")
				} else if r.Err != nil || r.Torrent.MagnetURI.String() != inputs[i].MagnetURI || r.Repeated != (i == 6) {
					t.Errorf("%d: %+v", i, r)
				}
				if (r.Torrent == nil) != (r.Err != nil) {
					t.Errorf("%d: %+v", i, r)
				}
			}
			if results[5].Torrent.ID != results[6].Torrent.ID {
				t.Error("one key is two torrents")
			}
			want, nudges := 4, 2
			if dryRun {
				want, nudges = 0, 0
			}
			if n := len(h.logged(t)); n != want || len(h.nudged) != nudges {
				t.Errorf("dry run %v: %d events, nudged %v", dryRun, n, h.nudged)
			}
		}
		h.wantOpen(t, map[*domain.Server]int{a: 2, b: 2})
	})

	t.Run("a thousand are a few transactions, spread over the servers", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		servers := []*domain.Server{h.server(t, "a"), h.server(t, "b"), h.server(t, "c"), h.server(t, "d")}
		var inputs []app.AddTorrent
		for i := range 1000 {
			inputs = append(inputs, keyed(i, fmt.Sprint("key ", i)))
		}
		for range 3 {
			dry, err := h.torrents.AddAll(t.Context(), admin(), inputs, true)
			if err != nil || dry[999].Err != nil {
				t.Fatal(err)
			}
		}
		h.store.ResetCalls()
		results, err := h.torrents.AddAll(t.Context(), admin(), inputs, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			if r.Err != nil || r.Repeated {
				t.Fatal(r)
			}
		}
		for call, most := range map[string]int{
			"TorrentRepository.Add": 2, "IdempotencyKeys.Torrents": 2, "ServerRepository.Find": 2, "ServerLoads.Candidates": 0,
			"ServerLoads.Holders": 2,
		} {
			if n := h.store.Calls()[call]; n != most {
				t.Errorf("%s was called %d times, want %d", call, n, most)
			}
		}
		h.wantOpen(t, map[*domain.Server]int{servers[0]: 250, servers[1]: 250, servers[2]: 250, servers[3]: 250})
		again, err := h.torrents.AddAll(t.Context(), admin(), inputs, false)
		if err != nil || again[999].Torrent.ID != results[999].Torrent.ID || !again[0].Repeated || len(h.logged(t)) != 1000 {
			t.Error("repeating it is not harmless", err)
		}
	})

	t.Run("too many are refused as a whole, none is fine", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.server(t, "a")
		_, err := h.torrents.AddAll(t.Context(), admin(), make([]app.AddTorrent, app.MostAtOnce+1), false)
		wantKind(t, err, domain.KindInvalid, "torrents")
		if results, err := h.torrents.AddAll(t.Context(), admin(), nil, false); err != nil || len(results) != 0 {
			t.Error(results, err)
		}
	})

	t.Run("what could not be stored is the result of those it concerns", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.server(t, "a")
		stored, err := h.torrents.Add(t.Context(), admin(), keyed(1, "k"))
		if err != nil {
			t.Fatal(err)
		}
		h.torrents.Repository = full{h.torrents.Repository}
		results, err := h.torrents.AddAll(t.Context(), admin(), []app.AddTorrent{
			keyed(1, "k"), {MagnetURI: magnet(2)}, {MagnetURI: "no magnet"}, keyed(3, "l"), keyed(3, "l"),
		}, false)
		if err != nil || results[0].Err != nil || results[0].Torrent.ID != stored.ID {
			t.Fatal(results, err)
		}
		wantKind(t, results[2].Err, domain.KindInvalid, "magnetURI")
		for _, i := range []int{1, 3, 4} {
			wantKind(t, results[i].Err, domain.KindUnavailable, "")
			if results[i].Torrent != nil || results[i].Repeated {
				t.Error(results[i])
			}
		}
	})

	t.Run("a server that goes away meanwhile fails only what names it", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		a, b := h.server(t, "a"), h.server(t, "b")
		h.torrents.Repository = &late{h.torrents.Repository, func() {
			if _, err := h.servers.Remove(t.Context(), admin(), b.ID, nil); err != nil {
				t.Error(err)
			}
		}}
		results, err := h.torrents.AddAll(t.Context(), admin(), []app.AddTorrent{
			{MagnetURI: magnet(1), ServerID: &a.ID}, {MagnetURI: magnet(2), ServerID: &b.ID}, {MagnetURI: magnet(3)},
		}, false)
		if err != nil || results[0].Err != nil || results[2].Err != nil || results[2].Torrent.ServerID != a.ID {
			t.Fatal(results, err)
		}
		wantKind(t, results[1].Err, domain.KindInvalid, "serverId")
		h.wantOpen(t, map[*domain.Server]int{a: 2})
	})
}

// late is storage in which something happens right before the first torrents are added.
type late struct {
	ports.TorrentRepository
	before func()
}

func (l *late) Add(ctx context.Context, torrents ...*domain.Torrent) error {
	if before := l.before; before != nil {
		l.before = nil
		before()
	}
	return l.TorrentRepository.Add(ctx, torrents...)
}
