package scheduler_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/adapters/scheduler"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

// bundle is a product in memory with one server, and its scheduler.
type bundle struct {
	*scheduler.Scheduler
	store    *memory.Store
	torrents *app.Torrents
	events   *app.Events
	server   *domain.Server
	daemon   *memory.TorrentDaemon
}

func setup(t *testing.T, config scheduler.Config) bundle {
	t.Helper()
	store, clients, log := memory.New(), memory.NewTorrentClients(), slog.New(slog.DiscardHandler)
	checks := &app.Checks{
		Torrents: store.Torrents(), Metainfos: store.Metainfos(), Removals: store.Removals(), Leases: store.ServerLeases(), Servers: store.Servers(),
		Clients: clients, Node: "here", Owner: "me", Interval: config.Interval, LeaseFor: 10 * time.Second, Now: time.Now, Log: log,
	}
	server, err := domain.NewServer("here", "somewhere", memory.TorrentClientType, time.Now())
	if err == nil {
		err = store.Servers().Add(t.Context(), server)
	}
	if err != nil {
		t.Fatal(err)
	}
	config.Log = log
	events := &app.Events{EventLog: store.EventLog(), Signal: store.Signal(), Log: log, Poll: time.Minute}
	b := bundle{
		Scheduler: scheduler.New(checks, events, config), store: store, events: events, server: server,
		daemon: clients.Daemon(server.ID),
		torrents: &app.Torrents{
			Repository: store.Torrents(), Keys: store.IdempotencyKeys(), Servers: store.Servers(), Loads: store.ServerLoads(), Node: "here",
			Nudge: checks.Nudge, Now: time.Now,
		},
	}
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Stop(context.Background()); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	return b
}

func (b bundle) add(t *testing.T) *domain.Torrent {
	t.Helper()
	torrent, err := b.torrents.Add(t.Context(), domain.System(), app.AddTorrent{
		MagnetURI: "magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a",
	})
	if err != nil {
		t.Fatal(err)
	}
	return torrent
}

func TestAServerIsCheckedAgainAndAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, scheduler.Config{Interval: 300 * time.Millisecond})
	wait.Until(t, patience, "three checks", func() bool { return b.daemon.Requests().Transfers >= 3 })
}

func TestANudgeDoesNotWaitForTheInterval(t *testing.T) {
	t.Parallel()
	b := setup(t, scheduler.Config{Interval: time.Hour})
	wait.Until(t, patience, "the first check", func() bool { return b.daemon.Requests().Transfers == 1 })
	torrent := b.add(t)
	wait.Until(t, patience, "the torrent in its client", func() bool {
		_, held := b.daemon.Transfer(torrent.InfoHash())
		return held
	})
}

func TestATickChecksOnlyWhatIsDue(t *testing.T) {
	t.Parallel()
	b := setup(t, scheduler.Config{Interval: time.Hour})
	wait.Until(t, patience, "some ticks", func() bool { return b.store.Calls()["ServerLeases.Claim"] >= 4 })
	if n := b.daemon.Requests().Transfers; n != 1 {
		t.Fatalf("%d checks in an hour's interval; want 1", n)
	}
}

func TestOldEventsArePruned(t *testing.T) {
	t.Parallel()
	b := setup(t, scheduler.Config{Interval: time.Hour, KeepEvents: time.Hour})
	wait.Until(t, patience, "a pruning", func() bool { return b.store.Calls()["EventLog.Prune"] >= 1 })
}

func TestEventsAreKeptForEver(t *testing.T) {
	t.Parallel()
	b := setup(t, scheduler.Config{Interval: time.Hour})
	wait.Until(t, patience, "some ticks", func() bool { return b.store.Calls()["ServerLeases.Claim"] >= 4 })
	if n := b.store.Calls()["EventLog.Prune"]; n != 0 {
		t.Fatalf("pruned %d times", n)
	}
}

func TestStopInterruptsACheckAndGivesItsServerBack(t *testing.T) {
	t.Parallel()
	b := setup(t, scheduler.Config{Interval: time.Hour})
	wait.Until(t, patience, "the first check", func() bool { return b.daemon.Requests().Transfers == 1 })
	b.daemon.Block()
	defer b.daemon.Unblock()
	b.add(t)
	wait.Until(t, patience, "a check that hangs", func() bool { return b.store.Calls()["TorrentRepository.Open"] == 2 })
	if err := b.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	server, err := b.store.Servers().Get(t.Context(), b.server.ID)
	if err != nil {
		t.Fatal(err)
	}
	if server.NextCheckAt.After(time.Now()) {
		t.Errorf("the next check is due at %v; want at once", server.NextCheckAt)
	}
	before := b.store.Calls()["ServerLeases.Claim"]
	if err := b.Stop(t.Context()); err != nil {
		t.Errorf("stopping again: %v", err)
	}
	if after := b.store.Calls()["ServerLeases.Claim"]; after != before {
		t.Error("still ticking")
	}
}

func TestStopWithoutStart(t *testing.T) {
	t.Parallel()
	if err := scheduler.New(nil, nil, scheduler.Config{}).Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestStopWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	b := setup(t, scheduler.Config{Interval: time.Hour})
	wait.Until(t, patience, "the first check", func() bool { return b.daemon.Requests().Transfers == 1 })
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Stop(ended); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}
