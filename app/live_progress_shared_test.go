package app_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

// lookers is a server with torrents, and a way to look at them. Its tests run in
// bubbles: what is left of goroutines at the end is a failure there.
type lookers struct {
	*house
	server   *domain.Server
	torrents []*domain.Torrent
	progress *app.Progress
	before   int
	probed   int
}

func newLookers(t *testing.T) *lookers {
	t.Helper()
	h := newHouse(t)
	l := &lookers{house: h, server: h.server(t, "a")}
	for i := range 5 {
		l.torrents = append(l.torrents, h.add(t, admin(), i, l.server))
	}
	h.check(t)
	for i, torrent := range l.torrents {
		l.torrents[i] = h.get(t, torrent.ID)
	}
	l.progress = &app.Progress{
		Node: node, Servers: h.store.Servers(), Clients: h.clients, Log: slog.New(slog.DiscardHandler),
		Patience: 2 * time.Second, Window: time.Second,
	}
	asked := l.clients.Daemon(l.server.ID).Requests()
	l.before, l.probed = asked.Transfers, asked.Probe
	return l
}

// look asks for some torrents and returns how many were found.
func (l *lookers) look(ctx context.Context, t *testing.T, which ...int) int {
	t.Helper()
	var torrents []*domain.Torrent
	for _, i := range which {
		torrents = append(torrents, l.torrents[i])
	}
	found, err := l.progress.Find(ctx, torrents)
	if err != nil {
		t.Error(err)
	}
	return len(found)
}

// wantRequests fails unless the server was asked so often since the beginning.
func (l *lookers) wantRequests(t *testing.T, want int) {
	t.Helper()
	if got := l.clients.Daemon(l.server.ID).Requests().Transfers - l.before; got != want {
		t.Errorf("%d requests, want %d", got, want)
	}
}

// sleep is of the bubble that a test is in, and takes no time outside.
func sleep(d time.Duration) { <-time.After(d) }

func TestProgressIsShared(t *testing.T) {
	t.Parallel()

	t.Run("within the window, by who asks for what was answered", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLookers(t)
			for range 3 {
				if l.look(t.Context(), t, 0, 1) != 2 || l.look(t.Context(), t, 1) != 1 {
					t.Error("torrents are missing")
				}
				sleep(300 * time.Millisecond)
			}
			l.wantRequests(t, 1)
			if l.look(t.Context(), t, 1, 2) != 2 { // 1 is known still, and 2 is not
				t.Error("torrents are missing")
			}
			l.wantRequests(t, 2)
			sleep(time.Second)
			l.look(t.Context(), t, 1, 2)
			l.wantRequests(t, 3)
		})
	})

	t.Run("also when the answer is that the client has no such torrent", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLookers(t)
			l.clients.Daemon(l.server.ID).RemoveByHand(hash(0))
			for range 2 {
				if n := l.look(t.Context(), t, 0); n != 0 {
					t.Errorf("%d found", n)
				}
			}
			l.wantRequests(t, 1)
		})
	})

	t.Run("while a request is under way, which is the only one", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLookers(t)
			daemon := l.clients.Daemon(l.server.ID)
			daemon.Block()
			var wait sync.WaitGroup
			ask := func(which ...int) {
				wait.Go(func() {
					if n := l.look(t.Context(), t, which...); n != len(which) {
						t.Errorf("%d of %v found", n, which)
					}
				})
				synctest.Wait()
			}
			ask(0, 1) // begins
			ask(1)    // shares it
			ask(2)    // waits for the next one
			ask(0, 3) // which asks for this, too
			daemon.Unblock()
			wait.Wait()
			l.wantRequests(t, 2)
		})
	})

	t.Run("and the failure, too, so that a dead server costs little", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLookers(t)
			daemon := l.clients.Daemon(l.server.ID)
			daemon.Fail(domain.Unavailable(errors.New("refused"), "does not answer"))
			if l.look(t.Context(), t, 0)+l.look(t.Context(), t, 1) != 0 {
				t.Error("a dead server answered")
			}
			l.wantRequests(t, 1)
			daemon.Fail(nil)
			sleep(time.Second)
			if l.look(t.Context(), t, 0) != 1 {
				t.Error("the failure was remembered for too long")
			}
		})
	})

	t.Run("and who waits behind a server that hangs is sent away with the others", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLookers(t)
			l.clients.Daemon(l.server.ID).Block()
			var wait sync.WaitGroup
			began := time.Now()
			leaving, leave := context.WithTimeout(t.Context(), l.progress.Patience) // at the same moment
			defer leave()
			for i := range 5 {
				wait.Go(func() { l.look(t.Context(), t, i) })
				wait.Go(func() { l.look(leaving, t, i) })
			}
			wait.Wait()
			if took := time.Since(began); took != l.progress.Patience {
				t.Errorf("they waited for %v", took)
			}
		})
	})

	t.Run("and one who leaves does not take the answer from the others", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLookers(t)
			daemon := l.clients.Daemon(l.server.ID)
			daemon.Block()
			var wait sync.WaitGroup
			leaving, leave := context.WithCancel(t.Context())
			found := make([]int, 3)
			gone := make(chan struct{})
			go func() { defer close(gone); l.look(leaving, t, 0) }()
			synctest.Wait()
			for i := range found {
				wait.Go(func() { found[i] = l.look(t.Context(), t, i/2) }) // two share, one waits
			}
			synctest.Wait()
			leave()
			<-gone // at once, though the server hangs
			daemon.Unblock()
			wait.Wait()
			if found[0] != 1 || found[1] != 1 || found[2] != 1 {
				t.Errorf("found %v", found)
			}
			l.wantRequests(t, 2)
		})
	})

	t.Run("and a request that nobody waits for any more is given up, and is no failure", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLookers(t)
			daemon := l.clients.Daemon(l.server.ID)
			daemon.Block()
			leaving, leave := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer leave()
			var wait sync.WaitGroup
			began := time.Now()
			for i := range 2 {
				wait.Go(func() { l.look(leaving, t, i) })
			}
			wait.Wait()
			synctest.Wait() // what is left of them
			if took := time.Since(began); took != 100*time.Millisecond {
				t.Errorf("they were kept for %v", took)
			}
			if n := l.progress.Asking(); n != 0 {
				t.Errorf("%d requests are under way", n)
			}
			daemon.Unblock()
			l.wantRequests(t, 0)
			if l.look(t.Context(), t, 0, 1) != 2 {
				t.Error("what was given up counts as a failure")
			}
		})
	})

	t.Run("and servers that nobody looks at are forgotten", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLookers(t)
			other := l.house.server(t, "b")
			elsewhere := l.add(t, admin(), 9, other)
			l.check(t)
			elsewhere = l.get(t, elsewhere.ID)
			l.look(t.Context(), t, 0)
			sleep(2 * time.Second)
			if _, err := l.progress.Find(t.Context(), []*domain.Torrent{elsewhere}); err != nil {
				t.Fatal(err)
			}
			if n := l.progress.Desks(); n != 1 {
				t.Errorf("%d servers are remembered", n)
			}
		})
	})
}
