package app_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// looking is a store in which something happens right before it is told where
// contents are, which is right before torrents move.
type looking struct {
	ports.ServerLoads
	once *sync.Once
	what func()
}

func (m looking) Holders(ctx context.Context, node string, hashes []domain.InfoHash) (map[domain.InfoHash][]uuid.UUID, error) {
	found, err := m.ServerLoads.Holders(ctx, node, hashes)
	m.once.Do(m.what)
	return found, err
}

func TestFailoverIsFenced(t *testing.T) {
	t.Parallel()
	// overdue is a house in which a torrent is about to move from a to b.
	overdue := func(t *testing.T) (h *house, a, b *domain.Server, torrent *domain.Torrent) {
		t.Helper()
		h = newHouse(t)
		h.checks.Failover = time.Minute
		a, b = h.serverOf(t, "a", 0), h.serverOf(t, "b", 0)
		h.check(t)
		h.dead(a)
		torrent = h.add(t, admin(), 1, a)
		h.check(t)
		h.pass(2 * time.Minute)
		return h, a, b, torrent
	}

	t.Run("what its client has taken meanwhile stays", func(t *testing.T) {
		t.Parallel()
		h, a, _, torrent := overdue(t)
		h.checks.Loads = looking{h.store.ServerLoads(), new(sync.Once), func() {
			_, err := h.store.Torrents().Update(t.Context(), []uuid.UUID{torrent.ID}, nil, func(torrent *domain.Torrent) error {
				torrent.Accept(*a, torrent.InfoHash(), torrent.InfoHash(), h.clock())
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}}
		if got := h.check(t)[a.ID]; got.FailedOver != 0 {
			t.Errorf("%+v", got)
		}
		h.wantOn(t, torrent, a)
	})

	t.Run("what wishes otherwise meanwhile stays", func(t *testing.T) {
		t.Parallel()
		h, a, _, torrent := overdue(t)
		if _, err := h.servers.Update(t.Context(), admin(), a.ID, app.ServerSettings{Folders: app.Some([]string{"/films"})}); err != nil {
			t.Fatal(err)
		}
		asked := false
		h.checks.Loads = looking{h.store.ServerLoads(), new(sync.Once), func() {
			asked = true
			_, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{Wishes: domain.Wishes{Folder: app.Some("/films")}})
			if err != nil {
				t.Error(err)
			}
		}}
		if got := h.check(t)[a.ID]; got.FailedOver != 0 {
			t.Errorf("%+v", got)
		}
		if h.wantOn(t, torrent, a); !asked || h.get(t, torrent.ID).Folder != "/films" {
			t.Error("its folder is lost, or nobody asked")
		}
	})

	t.Run("who has lost the lease moves nothing", func(t *testing.T) {
		t.Parallel()
		h, a, _, torrent := overdue(t)
		h.checks.Loads = looking{h.store.ServerLoads(), new(sync.Once), func() {
			if _, err := h.servers.Update(t.Context(), admin(), a.ID, app.ServerSettings{Username: app.Some("anna")}); err != nil {
				t.Error(err)
			}
		}}
		if got := h.check(t)[a.ID]; got.FailedOver != 0 {
			t.Errorf("%+v", got)
		}
		h.wantOn(t, torrent, a)
	})

	t.Run("a server that goes away meanwhile gets nothing, and the next check finds another", func(t *testing.T) {
		t.Parallel()
		h, a, b, torrent := overdue(t)
		c := h.serverOf(t, "c", 0)
		h.check(t) // c is seen, and the torrent moves
		h.wantOn(t, torrent, b)
		torrent = h.add(t, admin(), 2, a)
		h.pass(time.Minute)
		if _, err := h.torrents.Remove(t.Context(), admin(), torrent.ID, false); err != nil {
			t.Fatal(err)
		}
		torrent = h.add(t, admin(), 3, a)
		h.checks.Loads = looking{h.store.ServerLoads(), new(sync.Once), func() {
			for _, server := range []*domain.Server{b, c} {
				if _, err := h.servers.Remove(t.Context(), admin(), server.ID, &a.ID); err != nil {
					t.Error(err)
				}
			}
		}}
		if got := h.check(t)[a.ID]; got.FailedOver != 0 {
			t.Errorf("%+v", got)
		}
		d := h.serverOf(t, "d", 0)
		h.check(t)
		h.pass(time.Minute)
		h.check(t)
		h.wantOn(t, torrent, d)
	})

	t.Run("processes that check together move it once", func(t *testing.T) {
		t.Parallel()
		h, a, b, torrent := overdue(t)
		other := h.newChecks("two")
		other.Failover = time.Minute
		before := len(h.logged(t))
		var wait sync.WaitGroup
		for range 4 {
			for _, checks := range []*app.Checks{h.checks, other} {
				wait.Go(func() {
					if _, err := checks.CheckAll(t.Context(), domain.System(), a.ID); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wait.Wait()
		h.wantOn(t, torrent, b)
		if events := h.logged(t)[before:]; len(events) != 1 {
			t.Errorf("events %+v", events)
		}
	})
}
