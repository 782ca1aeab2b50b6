package app_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// shares gives a daemon three files of a torrent, all of which somebody has.
func shares(daemon *memory.TorrentDaemon, n int) { offers(daemon, n, 3*fileSize) }

// tells has somebody tell a daemon what is in a torrent, and give nothing yet.
func tells(daemon *memory.TorrentDaemon, n int) { offers(daemon, n, 1) }

const fileSize = 64 << 10

func offers(daemon *memory.TorrentDaemon, n, offered int) {
	const size = fileSize
	daemon.Share(hash(n), memory.Content{
		Name: "three", Data: bytes.Repeat([]byte("three"), 3*size/5+1)[:3*size], Offered: offered,
		Files: []domain.TransferFile{{Index: 0, Path: "a", Size: size}, {Index: 1, Path: "b", Size: size}, {Index: 2, Path: "c", Size: size}},
	})
}

// hasAll reports whether a daemon has all that shares gave it.
func hasAll(daemon *memory.TorrentDaemon) bool {
	return daemon.File("", "a") != nil && daemon.File("", "b") != nil && daemon.File("", "c") != nil
}

// checkUntilComplete fails when a torrent is complete before its client has all.
func (h *house) checkUntilComplete(t *testing.T, torrent *domain.Torrent, daemon *memory.TorrentDaemon) {
	t.Helper()
	for range 4 {
		h.check(t)
		if h.get(t, torrent.ID).Status() != domain.StatusCompleted {
			continue
		}
		if !hasAll(daemon) {
			t.Fatal("it is complete without files that are wanted")
		}
		h.restsAt(t, torrent, daemon)
		return
	}
	t.Fatalf("it does not complete: pending %v", h.get(t, torrent.ID).Unapplied.Names())
}

// restsAt fails unless all is told, and told once.
func (h *house) restsAt(t *testing.T, torrent *domain.Torrent, daemon *memory.TorrentDaemon) {
	t.Helper()
	if got := h.get(t, torrent.ID); got.Unapplied != 0 || got.Problem != nil {
		t.Fatalf("pending %v, %+v", got.Unapplied.Names(), got.Problem)
	}
	asked := daemon.Requests()
	h.store.ResetCalls()
	h.check(t)
	if now := daemon.Requests(); now.Inside != asked.Inside || now.Control != asked.Control || h.store.Calls()["TorrentRepository.Update"] != 0 {
		t.Fatalf("requests went from %+v to %+v, %v", asked, now, h.store.Calls())
	}
}

func TestJoiningATransferThatIsThere(t *testing.T) {
	t.Parallel()

	t.Run("whoever wants all of a partly selected one has it complete with all, not before", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		first, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
		h.wish(t, first.ID, domain.Wishes{Unwanted: domain.Some([]int{0, 2})})
		h.check(t)
		tells(daemon, 1)
		h.check(t)
		shares(daemon, 1)
		h.check(t)
		if h.get(t, first.ID).Status() != domain.StatusCompleted || hasAll(daemon) {
			t.Fatal("the first one is not complete with its one file")
		}
		h.pass(time.Second)
		h.checkUntilComplete(t, h.add(t, member(uuid.New()), 1, s), daemon)
	})

	t.Run("a selection that was made by hand in the client does not hold", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
		daemon.AddByHand(torrent.MagnetURI)
		tells(daemon, 1)
		client := daemon.Client()
		if _, err := client.Probe(t.Context()); err != nil { // it gets the metadata
			t.Fatal(err)
		}
		if err := client.Configure(t.Context(), hash(1), domain.TransferSettings{Unwanted: &[]int{1}}); err != nil {
			t.Fatal(err)
		}
		shares(daemon, 1)
		h.checkUntilComplete(t, torrent, daemon)
	})

	t.Run("of two that are handed over together and want different files, the later one has its own", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		some := h.add(t, admin(), 1, s)
		h.wish(t, some.ID, domain.Wishes{Unwanted: domain.Some([]int{0, 2}), Paused: domain.Some(true)})
		h.pass(time.Second)
		all, daemon := h.add(t, member(uuid.New()), 1, s), h.clients.Daemon(s.ID)
		h.check(t)
		tells(daemon, 1)
		h.check(t)
		shares(daemon, 1)
		h.checkUntilComplete(t, all, daemon)
	})

	t.Run("also where so many wait that they are handed over one after the other", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.wish(t, h.add(t, admin(), 1, s).ID, domain.Wishes{Paused: domain.Some(true)})
		for n := range 120 {
			h.pass(time.Millisecond)
			h.add(t, admin(), 2+n, s)
		}
		last, daemon := h.add(t, member(uuid.New()), 1, s), h.clients.Daemon(s.ID)
		h.check(t)
		h.check(t)
		if transfer, _ := daemon.Transfer(hash(1)); transfer.Phase == domain.PhaseStopped {
			t.Fatalf("it is stopped for ever; pending %v", h.get(t, last.ID).Unapplied.Names())
		}
	})

	t.Run("whoever joins a paused one has it go on", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		first, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
		h.check(t)
		h.wish(t, first.ID, domain.Wishes{Paused: domain.Some(true)})
		h.check(t)
		h.pass(time.Second)
		second := h.add(t, member(uuid.New()), 1, s)
		h.check(t)
		if transfer, _ := daemon.Transfer(hash(1)); transfer.Phase == domain.PhaseStopped {
			t.Fatal("it is stopped")
		}
		shares(daemon, 1)
		h.checkUntilComplete(t, second, daemon)
	})

	t.Run("what a process that died has left stopped goes on", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
		daemon.AddByHand(torrent.MagnetURI)
		daemon.Stop(hash(1))
		shares(daemon, 1)
		h.checkUntilComplete(t, torrent, daemon)
	})

	t.Run("a client that cannot choose files, or pause, is not told to", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.clients.Lack(domain.CapabilityFileSelection, domain.CapabilityPause)
		s := h.server(t, "a")
		torrent, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
		daemon.AddByHand(torrent.MagnetURI)
		shares(daemon, 1)
		h.checkUntilComplete(t, torrent, daemon)
		if asked := daemon.Requests(); asked.Control+asked.Inside != 0 {
			t.Fatalf("requests %+v", asked)
		}
	})

	t.Run("a fresh transfer of which all is wanted is told nothing", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
		h.add(t, member(uuid.New()), 1, s) // as somebody else wishes it, too
		shares(daemon, 1)
		h.checkUntilComplete(t, torrent, daemon)
		if asked := daemon.Requests(); asked.Control+asked.Inside != 0 {
			t.Fatalf("requests %+v", asked)
		}
	})

	t.Run("a label that the client refuses does not keep the files from being told", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.checks.Clients = labelless{h.clients}
		s := h.server(t, "a")
		torrent, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
		h.wish(t, torrent.ID, domain.Wishes{Label: domain.Some("films")})
		daemon.AddByHand(torrent.MagnetURI)
		shares(daemon, 1)
		for range 3 {
			h.check(t)
		}
		if got := h.get(t, torrent.ID); got.Status() != domain.StatusCompleted || got.Unapplied != domain.SettingLabel {
			t.Fatalf("%s, pending %v", got.Status(), got.Unapplied.Names())
		}
	})
}

func TestAWiderSelectionIsHeededByTheNextCheck(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	torrent, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
	h.wish(t, torrent.ID, domain.Wishes{Unwanted: domain.Some([]int{0, 2})})
	h.check(t)
	tells(daemon, 1)
	h.check(t)
	shares(daemon, 1) // and it has its file soon
	if _, err := daemon.Client().Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.wish(t, torrent.ID, domain.Wishes{Unwanted: domain.Some([]int(nil))})
	h.checkUntilComplete(t, torrent, daemon)
	if n := len(h.completions(t)); n != 1 {
		t.Fatalf("%d completions", n)
	}
}

// labelless are clients that refuse labels once they hold a transfer.
type labelless struct{ ports.TorrentClients }

func (c labelless) Open(s domain.Server) (ports.OpenClient, error) {
	client, err := c.TorrentClients.Open(s)
	client.TransferControl = labellessControl{client.TransferControl}
	return client, err
}

type labellessControl struct{ ports.TransferControl }

func (c labellessControl) Configure(ctx context.Context, h domain.InfoHash, s domain.TransferSettings) error {
	if s.Label != nil {
		return domain.Conflict("labels are off")
	}
	return c.TransferControl.Configure(ctx, h, s)
}

func TestPendingChangesEndWithACompletionByHand(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	torrent, now := h.add(t, admin(), 1, h.server(t, "a")), h.clock()
	h.wish(t, torrent.ID, domain.Wishes{Label: domain.Some("films")})
	done, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{CompletedAt: app.Some(&now)})
	if err != nil || len(done.PendingChanges()) != 0 || done.Label != "films" {
		t.Fatalf("pending %v, %v", done.PendingChanges(), err)
	}
}
