package app_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
)

// holding puts torrents 1 to n into the client of a server, past us; every other one
// is finished.
func (h *house) holding(t *testing.T, server *domain.Server, n int) {
	t.Helper()
	daemon := h.clients.Daemon(server.ID)
	for i := 1; i <= n; i++ {
		link, err := domain.ParseMagnet(magnet(i))
		if err != nil {
			t.Fatal(err)
		}
		daemon.AddByHand(link)
		if i%2 == 0 {
			daemon.Finish(link.InfoHash())
		}
	}
}

func (h *house) adopt(t *testing.T, input app.AdoptTorrents) app.Adoption {
	t.Helper()
	adoption, err := h.checks.Adopt(t.Context(), admin(), input)
	if err != nil {
		t.Fatal(err)
	}
	return adoption
}

func (h *house) all(t *testing.T) []*domain.Torrent {
	t.Helper()
	torrents, err := h.store.Torrents().Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{})
	if err != nil {
		t.Fatal(err)
	}
	return torrents
}

func TestAdopt(t *testing.T) {
	t.Parallel()

	t.Run("what the client holds becomes ours, with nothing changed in it", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s, owner := h.server(t, "a"), uuid.New()
		h.holding(t, s, 4)
		h.pass(time.Second)
		got := h.adopt(t, app.AdoptTorrents{ServerID: s.ID, Owner: &owner})
		if got.Adopted != 4 || got.Completed != 2 || got.Known != 0 || len(got.Refused) != 0 {
			t.Fatalf("got %+v", got)
		}
		for _, torrent := range h.all(t) {
			if *torrent.UserID != owner || torrent.AcceptedAt == nil || torrent.HashString != torrent.InfoHash().String() || torrent.Name == "" {
				t.Errorf("got %+v", torrent)
			}
		}
		if told := h.completions(t); len(told) != 0 {
			t.Errorf("%d completions are told", len(told))
		}
		daemon := h.clients.Daemon(s.ID)
		if r := daemon.Requests(); r.List != 1 || r.Add+r.Remove+r.Control+r.Inside != 0 {
			t.Errorf("the client was asked %+v", r)
		}

		h.check(t)
		daemon.Finish(hash(1))
		h.check(t)
		if told := h.completions(t); len(told) != 1 || told[0].HashString != hash(1).String() {
			t.Errorf("told %+v; one has completed in our time", told)
		}
	})

	t.Run("repeating it changes nothing", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.add(t, admin(), 2, s)
		h.holding(t, s, 4)
		if got := h.adopt(t, app.AdoptTorrents{ServerID: s.ID}); got.Adopted != 3 || got.Known != 1 {
			t.Fatalf("got %+v", got)
		}
		if got := h.adopt(t, app.AdoptTorrents{ServerID: s.ID}); got.Adopted != 0 || got.Known != 4 {
			t.Fatalf("got %+v", got)
		}
	})

	t.Run("completions are told when that is asked for, and nothing is removed", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		if _, err := h.servers.Update(t.Context(), admin(), s.ID, app.ServerSettings{OnComplete: app.Some(domain.OnCompleteRemove)}); err != nil {
			t.Fatal(err)
		}
		h.holding(t, s, 4)
		h.adopt(t, app.AdoptTorrents{ServerID: s.ID, Tell: true})
		h.check(t)
		if told, held := h.completions(t), h.clients.Daemon(s.ID).Hashes(); len(told) != 2 || len(held) != 4 {
			t.Errorf("%d are told, %d are held", len(told), len(held))
		}
	})

	t.Run("a dry run and a choice", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.holding(t, s, 5)
		input := app.AdoptTorrents{ServerID: s.ID, Hashes: []domain.InfoHash{hash(2), hash(3), hash(77)}, DryRun: true}
		if got := h.adopt(t, input); got.Adopted != 2 || got.Completed != 1 || len(h.all(t)) != 0 {
			t.Fatalf("got %+v", got)
		}
		input.DryRun = false
		if got := h.adopt(t, input); got.Adopted != 2 || len(h.all(t)) != 2 {
			t.Fatalf("got %+v", got)
		}
	})

	t.Run("what is about to be taken out is not taken up", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent := h.add(t, admin(), 1, s)
		h.check(t)
		if _, err := h.torrents.Remove(t.Context(), admin(), torrent.ID, false); err != nil {
			t.Fatal(err)
		}
		if got := h.adopt(t, app.AdoptTorrents{ServerID: s.ID}); got.Adopted != 0 || got.Known != 1 {
			t.Fatalf("got %+v", got)
		}
	})

	t.Run("what cannot be adopted is named and keeps no other out", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.holding(t, s, 2)
		h.clients.Daemon(s.ID).SetTransfer(domain.Transfer{InfoHash: hash(9), Name: "without a magnet"})
		got := h.adopt(t, app.AdoptTorrents{ServerID: s.ID})
		if got.Adopted != 2 || len(got.Refused) != 1 || got.Refused[0].InfoHash != hash(9) || domain.KindOf(got.Refused[0].Err) != domain.KindInvalid {
			t.Fatalf("got %+v", got)
		}
	})

	t.Run("those who adopt at the same time adopt each torrent once", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.holding(t, s, 50)
		var adopting sync.WaitGroup
		var sum app.Adoption
		var mu sync.Mutex
		for _, checks := range []*app.Checks{h.checks, h.checks, h.newChecks("two"), h.newChecks("three")} {
			adopting.Go(func() {
				got, err := checks.Adopt(t.Context(), admin(), app.AdoptTorrents{ServerID: s.ID})
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				sum.Adopted, sum.Known = sum.Adopted+got.Adopted, sum.Known+got.Known
			})
		}
		adopting.Wait()
		if sum.Adopted != 50 || sum.Known != 150 || len(h.all(t)) != 50 {
			t.Errorf("got %+v", sum)
		}
	})

	t.Run("what is removed while its torrents are read is not taken up", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent := h.add(t, admin(), 1, s)
		h.check(t)
		h.checks.Torrents = meddledReads{h.checks.Torrents, func() {
			if _, err := h.torrents.Remove(t.Context(), admin(), torrent.ID, true); err != nil {
				t.Error(err)
			}
		}}
		if got := h.adopt(t, app.AdoptTorrents{ServerID: s.ID}); got.Adopted != 0 || got.Known != 1 {
			t.Fatalf("got %+v", got)
		}
	})

	t.Run("a nudge that comes meanwhile is not lost", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.holding(t, s, 1)
		h.checks.Torrents = meddledReads{h.checks.Torrents, func() { h.checks.Nudge(s.ID) }}
		h.adopt(t, app.AdoptTorrents{ServerID: s.ID})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		watching := make(chan struct{})
		go func() { defer close(watching); h.checks.Run(ctx) }()
		wait.Until(t, time.Minute, "the nudged check", func() bool { return h.clients.Daemon(s.ID).Requests().Transfers > 0 })
		cancel()
		<-watching
	})

	t.Run("nothing is adopted when it cannot be", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.holding(t, s, 2)
		_, err := h.checks.Adopt(t.Context(), member(uuid.New()), app.AdoptTorrents{ServerID: s.ID})
		wantKind(t, err, domain.KindForbidden, "")
		_, err = h.checks.Adopt(t.Context(), admin(), app.AdoptTorrents{ServerID: uuid.New()})
		wantKind(t, err, domain.KindInvalid, "serverId")
		h.clients.Daemon(s.ID).Fail(domain.Unavailable(errors.New("refused"), "does not answer"))
		_, err = h.checks.Adopt(t.Context(), admin(), app.AdoptTorrents{ServerID: s.ID})
		wantKind(t, err, domain.KindUnavailable, "")
		h.clients.Daemon(s.ID).Fail(nil)
		h.clients.Daemon(s.ID).SetSettling(true)
		_, err = h.checks.Adopt(t.Context(), admin(), app.AdoptTorrents{ServerID: s.ID})
		wantKind(t, err, domain.KindUnavailable, "")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err = h.checks.Adopt(ctx, admin(), app.AdoptTorrents{ServerID: s.ID}); err == nil {
			t.Error("no error although it was interrupted")
		}
		if len(h.all(t)) != 0 {
			t.Error("something was adopted")
		}
		h.clients.Daemon(s.ID).SetSettling(false)
		if got := h.adopt(t, app.AdoptTorrents{ServerID: s.ID}); got.Adopted != 2 {
			t.Errorf("the server cannot be used any more: %+v", got)
		}
	})

	t.Run("thousands are written a thousand at a time", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.holding(t, s, 2500)
		counted := &countingAdds{TorrentRepository: h.checks.Torrents}
		h.checks.Torrents = counted
		h.adopt(t, app.AdoptTorrents{ServerID: s.ID})
		if !slices.Equal(counted.sizes, []int{1000, 1000, 500}) {
			t.Errorf("written in %v", counted.sizes)
		}
	})
}

// meddledReads does something before torrents are read.
type meddledReads struct {
	ports.TorrentRepository
	first func()
}

func (r meddledReads) Find(ctx context.Context, filter domain.TorrentFilter, page domain.TorrentPage) ([]*domain.Torrent, error) {
	r.first()
	return r.TorrentRepository.Find(ctx, filter, page)
}

type countingAdds struct {
	ports.TorrentRepository
	sizes []int
}

func (c *countingAdds) Add(ctx context.Context, torrents ...*domain.Torrent) error {
	c.sizes = append(c.sizes, len(torrents))
	return c.TorrentRepository.Add(ctx, torrents...)
}
