package app_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

func (l *lookers) insight() *app.ServerInsight {
	return &app.ServerInsight{Progress: l.progress, Torrents: l.store.Torrents()}
}

// probes counts how often the server was asked for itself since the beginning.
func (l *lookers) probes() int { return l.clients.Daemon(l.server.ID).Requests().Probe - l.probed }

func TestServerInsight(t *testing.T) {
	t.Parallel()

	t.Run("clients are asked for themselves side by side, and once for all who look", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLookers(t)
			dead := l.house.server(t, "dead")
			l.clients.Daemon(dead.ID).Block()
			insight, began := l.insight(), time.Now()
			var wait sync.WaitGroup
			for range 10 {
				wait.Go(func() {
					found := insight.Probe(t.Context(), []*domain.Server{dead, l.server, dead})
					if found[0] != nil || found[2] != nil || found[1] == nil || found[1].Version != "memory" {
						t.Errorf("got %+v", found)
					}
				})
			}
			wait.Wait()
			if took := time.Since(began); took != l.progress.Patience || l.probes() != 1 {
				t.Errorf("%v and %d requests", took, l.probes())
			}
			insight.Probe(t.Context(), []*domain.Server{l.server})
			if l.probes() != 2 { // the window has passed
				t.Errorf("%d requests", l.probes())
			}
			insight.Probe(t.Context(), []*domain.Server{l.server})
			if l.probes() != 2 {
				t.Errorf("%d requests", l.probes())
			}
		})
	})

	t.Run("nothing is asked of other nodes' and of removed servers", func(t *testing.T) {
		t.Parallel()
		l := newLookers(t)
		removed := *l.server
		removed.DeletedAt = &removed.CreatedAt
		if got := l.insight().Probe(t.Context(), []*domain.Server{&removed}); got[0] != nil {
			t.Errorf("got %+v", got[0])
		}
		l.progress.Node = "another"
		if got := l.insight().Probe(t.Context(), []*domain.Server{l.server}); got[0] != nil || l.probes() != 0 {
			t.Errorf("got %+v", got[0])
		}
		if got := l.insight().Phases(t.Context(), admin(), []*domain.Server{l.server}); len(got) != 0 {
			t.Errorf("got %+v", got)
		}
		l.wantRequests(t, 0)
	})

	t.Run("one who leaves leaves nothing behind, and takes nothing from the others", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLookers(t)
			insight := l.insight()
			l.clients.Daemon(l.server.ID).Block()
			leaving, leave := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer leave()
			var found []*domain.ClientInfo
			var wait sync.WaitGroup
			wait.Go(func() { insight.Probe(leaving, []*domain.Server{l.server}) })
			wait.Go(func() { found = insight.Probe(t.Context(), []*domain.Server{l.server}) })
			sleep(time.Second)
			l.clients.Daemon(l.server.ID).Unblock()
			wait.Wait()
			if found[0] == nil || l.probes() != 1 {
				t.Errorf("got %+v after %d requests", found[0], l.probes())
			}
		})
	})

	t.Run("phases are counted of what the viewer may see, by one query and one request to each", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLookers(t)
			me, other := member(uuid.New()), l.house.server(t, "b")
			l.add(t, me, 20, l.server)
			l.add(t, me, 21, other)
			l.check(t)
			l.clients.Daemon(l.server.ID).Finish(hash(0))
			l.clients.Daemon(l.server.ID).Download(hash(20), "x", []byte("1"), 10)
			l.clients.Daemon(l.server.ID).RemoveByHand(hash(1))
			servers := []*domain.Server{l.server, other}
			insight := l.insight()
			l.store.ResetCalls()
			before := l.clients.Daemon(l.server.ID).Requests().Transfers
			for range 3 {
				got := insight.Phases(t.Context(), admin(), servers)
				wantPhases(t, got[l.server.ID], map[domain.Phase]int{domain.PhaseMetadata: 3, domain.PhaseDownloading: 1, domain.PhaseSeeding: 1})
				wantPhases(t, got[other.ID], map[domain.Phase]int{domain.PhaseMetadata: 1})
			}
			if calls := l.store.Calls(); calls["TorrentRepository.Find"] != 1 {
				t.Errorf("the store was asked %v", calls)
			}
			got := insight.Phases(t.Context(), me, servers)
			wantPhases(t, got[l.server.ID], map[domain.Phase]int{domain.PhaseDownloading: 1})
			if n := l.clients.Daemon(l.server.ID).Requests().Transfers - before; n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	})

	t.Run("a client that does not answer has no phases, and one without torrents has none of them", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLookers(t)
			idle := l.house.server(t, "idle")
			l.clients.Daemon(l.server.ID).Block()
			began := time.Now()
			got := l.insight().Phases(t.Context(), admin(), []*domain.Server{l.server, idle})
			if phases, found := got[idle.ID]; got[l.server.ID] != nil || !found || len(phases) != 0 {
				t.Errorf("got %+v", got)
			}
			if took := time.Since(began); took > l.progress.Patience {
				t.Errorf("it took %v", took)
			}
		})
	})
}

func wantPhases(t *testing.T, got []*app.PhaseCount, want map[domain.Phase]int) {
	t.Helper()
	for _, count := range got {
		if want[count.Phase] != count.Count {
			t.Errorf("%d are %s, want %d", count.Count, count.Phase, want[count.Phase])
		}
		delete(want, count.Phase)
	}
	if len(want) > 0 {
		t.Errorf("%v are missing", want)
	}
}

// What somebody who looks finds out about a server is its health until a check knows
// better.
func TestHealthTellsOfSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLookers(t)
		health := func(want bool) {
			t.Helper()
			server, err := l.servers.Get(t.Context(), admin(), l.server.ID)
			if err != nil {
				t.Fatal(err)
			}
			got := l.progress.Health(t.Context(), []*domain.Server{server})[0]
			if got.Reachable() != want || got.LastSeenAt == nil || got.Server != server {
				t.Errorf("got %+v, problem %+v", got, got.Problem)
			}
			if !want && (got.Problem.Code != domain.ProblemUnavailable || got.Problem.Message != "does not answer") {
				t.Errorf("got %+v", got.Problem)
			}
		}
		daemon := l.clients.Daemon(l.server.ID)
		health(true)
		daemon.Fail(domain.Unavailable(errors.New("refused"), "does not answer"))
		sleep(time.Second)
		l.look(t.Context(), t, 0)
		health(false)
		daemon.Fail(nil)
		sleep(2 * time.Second)
		l.look(t.Context(), t, 0)
		health(true) // it has answered
		daemon.Fail(domain.Unavailable(errors.New("refused"), "does not answer"))
		sleep(2 * time.Second)
		l.insight().Probe(t.Context(), []*domain.Server{l.server})
		health(false)
		daemon.Fail(nil)
		l.pass(time.Minute)
		l.check(t)
		health(true) // a later check has found it well

		// A page that asks for progress and for health waits for the outcome.
		sleep(2 * time.Minute)
		daemon.Block()
		var wait sync.WaitGroup
		wait.Go(func() { l.look(t.Context(), t, 0) })
		synctest.Wait()
		began := time.Now()
		server, err := l.servers.Get(t.Context(), admin(), l.server.ID)
		if err != nil {
			t.Fatal(err)
		}
		got := l.progress.Health(t.Context(), []*domain.Server{server})[0]
		if took := time.Since(began); got.Reachable() || took > l.progress.Patience {
			t.Errorf("reachable %v after %v", got.Reachable(), took)
		}
		wait.Wait()
	})
}

func TestCheckMeasuresLatency(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	latency := func() *time.Duration {
		server, err := h.servers.Get(t.Context(), admin(), s.ID)
		if err != nil {
			t.Fatal(err)
		}
		return server.Health.Latency
	}
	if got := latency(); got != nil {
		t.Errorf("%v before the first check", *got)
	}
	h.check(t)
	if got := latency(); got == nil || *got < 0 {
		t.Errorf("got %v", got)
	}
	h.clients.Daemon(s.ID).Fail(domain.Unavailable(errors.New("refused"), "does not answer"))
	h.check(t)
	if got := latency(); got != nil {
		t.Errorf("%v of a check without an answer", *got)
	}
}
