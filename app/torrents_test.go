package app_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

func TestAddTorrent(t *testing.T) {
	t.Parallel()

	t.Run("without a server to default to names serverId", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		_, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{MagnetURI: magnet(1)})
		wantKind(t, err, domain.KindInvalid, "serverId")
	})

	t.Run("names every field at fault", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		unknown := uuid.New()
		_, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{MagnetURI: "no magnet", ServerID: &unknown})
		wantKind(t, err, domain.KindInvalid, "magnetURI")
		wantKind(t, err, domain.KindInvalid, "serverId")
	})

	t.Run("goes to the least loaded server of this node that is well", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		down, busy, idle := h.server(t, "down"), h.server(t, "busy"), h.server(t, "idle")
		h.add(t, admin(), 1, busy)
		h.clients.Daemon(down.ID).Fail(domain.Unavailable(nil, "gone"))
		h.check(t)
		if got := h.add(t, admin(), 2, nil); got.ServerID != idle.ID {
			t.Fatalf("went to %s, want %s", got.ServerID, idle.ID)
		}
	})

	t.Run("a burst spreads evenly and counts once", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		busy := h.server(t, "busy")
		for i := range 10 {
			h.add(t, admin(), i, busy)
		}
		idle := []*domain.Server{h.server(t, "b"), h.server(t, "c")}
		h.store.ResetCalls()
		h.add(t, admin(), 100, nil)
		for i := range 5 {
			h.add(t, admin(), 200+i, idle[0])
		}
		var wait sync.WaitGroup
		for i := range 44 { // 60 in all, 20 for each
			wait.Go(func() { h.add(t, admin(), 300+i, nil) })
		}
		wait.Wait()
		if n := h.store.Calls()["ServerLoads.Candidates"]; n != 1 {
			t.Errorf("counted %d times", n)
		}
		h.wantOpen(t, map[*domain.Server]int{busy: 20, idle[0]: 20, idle[1]: 20})
	})

	t.Run("counts again after a second, and for a server that is new", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		a, b := h.server(t, "a"), h.server(t, "b")
		one, two := h.add(t, admin(), 1, nil), h.add(t, admin(), 2, nil)
		for _, torrent := range []*domain.Torrent{one, two} {
			if torrent.ServerID == b.ID {
				if _, err := h.torrents.Remove(t.Context(), admin(), torrent.ID, true); err != nil {
					t.Fatal(err)
				}
			}
		}
		h.pass(time.Second)
		h.add(t, admin(), 3, nil)
		h.wantOpen(t, map[*domain.Server]int{a: 1, b: 1})
		c := h.server(t, "c")
		if got := h.add(t, admin(), 4, nil); got.ServerID != c.ID {
			t.Errorf("the new server was passed over")
		}
	})

	t.Run("what was not added does not count", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		a := h.server(t, "a")
		h.pass(time.Millisecond)
		h.server(t, "b")
		repository := h.torrents.Repository
		for range 3 { // each would go to a, the older one, and fails in its own way
			_, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{MagnetURI: "no magnet"})
			wantKind(t, err, domain.KindInvalid, "magnetURI")
			_, err = h.torrents.Add(t.Context(), admin(), app.AddTorrent{MagnetURI: magnet(1), HashString: strings.Repeat("x", 300)})
			wantKind(t, err, domain.KindInvalid, "hashString")
			h.torrents.Repository = full{repository}
			_, err = h.torrents.Add(t.Context(), admin(), app.AddTorrent{MagnetURI: magnet(1)})
			wantKind(t, err, domain.KindUnavailable, "")
			_, err = h.torrents.Add(t.Context(), admin(), app.AddTorrent{MagnetURI: magnet(1), ServerID: &a.ID})
			wantKind(t, err, domain.KindUnavailable, "")
			h.torrents.Repository = repository
		}
		if got := h.add(t, admin(), 1, nil); got.ServerID != a.ID {
			t.Error("it went to the younger server")
		}
	})

	t.Run("nudges its server and belongs to its adder", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		me := member(uuid.New())
		h.nudged = nil
		got := h.add(t, me, 1, nil)
		if len(h.nudged) != 1 || h.nudged[0] != s.ID || got.UserID == nil || *got.UserID != me.UserID {
			t.Fatalf("nudged %v, user %v", h.nudged, got.UserID)
		}
	})
}

// full is storage that takes nothing more.
type full struct{ ports.TorrentRepository }

func (full) Add(context.Context, ...*domain.Torrent) error {
	return domain.Unavailable(nil, "the disk is full")
}

func TestMembersUseTheirOwnTorrentsOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.server(t, "a")
	me, them := member(uuid.New()), member(uuid.New())
	mine, theirs := h.add(t, me, 1, nil), h.add(t, them, 2, nil)

	list, err := h.torrents.Find(t.Context(), me, domain.TorrentFilter{}, domain.TorrentPage{})
	if err != nil || len(list) != 1 || list[0].ID != mine.ID {
		t.Fatalf("a member lists %v, %v", list, err)
	}
	list, err = h.torrents.Find(t.Context(), me, domain.TorrentFilter{UserID: &them.UserID}, domain.TorrentPage{})
	if err != nil || len(list) != 0 {
		t.Fatalf("a member lists another's: %v, %v", list, err)
	}
	list, err = h.torrents.Find(t.Context(), admin(), domain.TorrentFilter{}, domain.TorrentPage{})
	if err != nil || len(list) != 2 {
		t.Fatalf("an administrator lists %v, %v", list, err)
	}
	for who, want := range map[domain.Actor]int{me: 1, admin(): 2} {
		count, err := h.torrents.Count(t.Context(), who, domain.TorrentFilter{})
		counts, groupErr := h.torrents.CountBy(t.Context(), who, domain.TorrentFilter{})
		onServers, serverErr := h.torrents.CountOnServers(t.Context(), who, []uuid.UUID{mine.ServerID}, domain.TorrentFilter{})
		pages, pageErr := h.torrents.FindOnServers(t.Context(), who, []uuid.UUID{mine.ServerID}, domain.TorrentFilter{}, domain.TorrentPage{})
		if err := errors.Join(err, groupErr, serverErr, pageErr); err != nil || count != want || counts.Total != want ||
			len(counts.ByUser) != want || onServers[mine.ServerID] != want || len(pages[mine.ServerID]) != want {
			t.Errorf("want %d: counted %d, %+v, %v, and found %d on the server, %v", want, count, counts, onServers, len(pages[mine.ServerID]), err)
		}
	}
	if counts, err := h.torrents.CountBy(t.Context(), me, domain.TorrentFilter{UserID: &them.UserID}); err != nil || counts.Total != 0 {
		t.Errorf("a member counts another's: %+v, %v", counts, err)
	}
	_, err = h.torrents.Get(t.Context(), me, theirs.ID)
	wantKind(t, err, domain.KindNotFound, "")
	_, err = h.torrents.Update(t.Context(), me, theirs.ID, app.UpdateTorrent{Name: app.Some("x")})
	wantKind(t, err, domain.KindNotFound, "")
	_, err = h.torrents.MarkIncomplete(t.Context(), me, theirs.ID)
	wantKind(t, err, domain.KindNotFound, "")
	_, err = h.torrents.Remove(t.Context(), me, theirs.ID, false)
	wantKind(t, err, domain.KindNotFound, "")
	_, err = h.torrents.Update(t.Context(), me, mine.ID, app.UpdateTorrent{UserID: app.Some(&them.UserID)})
	wantKind(t, err, domain.KindForbidden, "")
	_, err = h.checks.CheckAll(t.Context(), me)
	wantKind(t, err, domain.KindForbidden, "")
}

func TestUpdateTorrent(t *testing.T) {
	t.Parallel()

	t.Run("completing by hand tells of it once", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.server(t, "a")
		torrent := h.add(t, admin(), 1, nil)
		at := h.clock().Add(-time.Hour)
		for range 2 {
			got, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{CompletedAt: app.Some(&at)})
			if err != nil || got.CompletedAt == nil || !got.CompletedAt.Equal(at) {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		if n := len(h.completions(t)); n != 1 {
			t.Fatalf("%d completions", n)
		}
	})

	t.Run("another magnet starts anew and the client lets go of the old one", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent := h.add(t, admin(), 1, nil)
		h.check(t)
		got, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{MagnetURI: app.Some(magnet(2))})
		if err != nil || got.Status() != domain.StatusQueued || got.Name != "torrent 1" {
			t.Fatalf("%+v, %v", got, err)
		}
		h.check(t)
		_, old := h.clients.Daemon(s.ID).Transfer(hash(1))
		_, current := h.clients.Daemon(s.ID).Transfer(hash(2))
		if old || !current {
			t.Fatalf("old held: %v, new held: %v", old, current)
		}
	})

	t.Run("an error in one field changes nothing", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.server(t, "a")
		torrent := h.add(t, admin(), 1, nil)
		_, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{
			Name: app.Some("new"), ServerID: app.Some(uuid.New()),
		})
		wantKind(t, err, domain.KindInvalid, "serverId")
		if got := h.get(t, torrent.ID); got.Name != torrent.Name {
			t.Fatalf("the name became %q", got.Name)
		}
	})

	t.Run("the removed server of a completed torrent may be sent back", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent := h.add(t, admin(), 1, nil)
		h.check(t)
		h.clients.Daemon(s.ID).Finish(hash(1))
		h.check(t)
		if _, err := h.servers.Remove(t.Context(), admin(), s.ID, nil); err != nil {
			t.Fatal(err)
		}
		_, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{
			Name: app.Some("new"), ServerID: app.Some(s.ID), MagnetURI: app.Some(magnet(1)),
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
