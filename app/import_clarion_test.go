package app_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

func TestImportClarion(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 6, 22, 16, 48, 52, 0, time.UTC)
	later := at.Add(time.Hour)
	server := domain.ClarionServer{
		ID: uuid.NewString(), LocalNode: uuid.NewString(), Address: "seedbox:9091", Type: string(memory.TorrentClientType), CreatedAt: at, UpdatedAt: later,
	}
	row := func(n int, change func(*domain.ClarionTorrent)) domain.ClarionTorrent {
		c := domain.ClarionTorrent{
			ID: uuid.NewString(), ServerID: server.ID, LocalNode: server.LocalNode, MagnetURI: magnet(n), Name: "as it was called",
			CreatedAt: at, UpdatedAt: later,
		}
		change(&c)
		return c
	}
	waits := row(1, func(*domain.ClarionTorrent) {})
	taken := row(2, func(c *domain.ClarionTorrent) { c.HashString = hash(2).String(); c.UserID = uuid.NewString() })
	done := row(3, func(c *domain.ClarionTorrent) { c.HashString = hash(3).String(); c.CompletedAt = &later })
	newImport := func(h *house, servers []domain.ClarionServer, torrents ...domain.ClarionTorrent) *app.ClarionImport {
		return &app.ClarionImport{
			Source:  memory.NewClarionSource(servers, torrents),
			Servers: h.store.Servers(), Torrents: h.store.Torrents(), Clients: h.clients, Node: node, Now: h.clock,
		}
	}
	runs := func(t *testing.T, i *app.ClarionImport) app.ImportedClarion {
		t.Helper()
		got, err := i.Run(t.Context(), admin(), false)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}

	t.Run("ids, times and owners are kept, and the check goes on from there", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		got := runs(t, newImport(h, []domain.ClarionServer{server}, waits, taken, done))
		if got.Servers != 1 || got.Torrents != 3 || got.Completed != 1 || len(got.Refused) != 0 {
			t.Fatalf("got %+v", got)
		}
		for _, want := range []domain.ClarionTorrent{waits, taken, done} {
			torrent := h.get(t, uuid.MustParse(want.ID))
			if !torrent.CreatedAt.Equal(at) || !torrent.UpdatedAt.Equal(later) || torrent.LocalNode != node ||
				torrent.Name != want.Name || torrent.HashString != want.HashString || (torrent.UserID == nil) != (want.UserID == "") {
				t.Errorf("got %+v, want %+v", torrent, want)
			}
		}
		if s := h.get(t, uuid.MustParse(done.ID)).Status(); s != domain.StatusCompleted {
			t.Errorf("what was done is %s", s)
		}
		serverID := uuid.MustParse(server.ID)
		daemon := h.clients.Daemon(serverID)
		link, err := domain.ParseMagnet(taken.MagnetURI)
		if err != nil {
			t.Fatal(err)
		}
		daemon.AddByHand(link)
		daemon.Finish(hash(2))
		h.check(t)
		if told := h.completions(t); len(told) != 1 || told[0].TorrentID.String() != taken.ID {
			t.Errorf("told %+v", told)
		}
		if _, held := daemon.Transfer(hash(1)); !held {
			t.Error("what waited was not handed over")
		}
	})

	t.Run("repeating it takes over only what is new, and brings nothing back", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		runs(t, newImport(h, []domain.ClarionServer{server}, waits))
		if _, err := h.torrents.Remove(t.Context(), admin(), uuid.MustParse(waits.ID), false); err != nil {
			t.Fatal(err)
		}
		got := runs(t, newImport(h, []domain.ClarionServer{server}, waits, taken))
		if got.Servers != 0 || got.KnownServers != 1 || got.Torrents != 1 || got.KnownTorrents != 1 || len(h.all(t)) != 1 {
			t.Fatalf("got %+v", got)
		}
	})

	t.Run("rows at fault are told and keep no other out", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		bad := server
		bad.ID, bad.Type = uuid.NewString(), "Unknown"
		got := runs(t, newImport(
			h, []domain.ClarionServer{server, bad}, waits,
			row(4, func(c *domain.ClarionTorrent) { c.MagnetURI = "http://no.magnet" }),
			row(5, func(c *domain.ClarionTorrent) { c.ServerID = bad.ID }),
			row(6, func(c *domain.ClarionTorrent) { c.UserID = "7" }),
			row(7, func(c *domain.ClarionTorrent) { c.ID = "zzz" }),
		))
		if got.Servers != 1 || got.Torrents != 1 || len(got.Refused) != 5 {
			t.Fatalf("got %+v", got)
		}
		fields := map[string]bool{}
		for _, refused := range got.Refused {
			for _, e := range domain.Errors(refused.Err) {
				fields[e.Field] = true
			}
		}
		for _, field := range []string{"type", "magnetURI", "server_id", "user_id", "id"} {
			if !fields[field] {
				t.Errorf("nothing is said of %s: %v", field, fields)
			}
		}
	})

	t.Run("a dry run changes nothing, and members may not", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		i := newImport(h, []domain.ClarionServer{server}, waits, done)
		got, err := i.Run(t.Context(), admin(), true)
		if err != nil || got.Servers != 1 || got.Torrents != 2 || got.Completed != 1 || len(h.all(t)) != 0 {
			t.Fatal(got, err)
		}
		_, err = i.Run(t.Context(), member(uuid.New()), false)
		wantKind(t, err, domain.KindForbidden, "")
	})

	t.Run("thousands come in pages, and nodes can be kept", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		var rows []domain.ClarionTorrent
		for n := range 2500 {
			rows = append(rows, row(n, func(*domain.ClarionTorrent) {}))
		}
		i := newImport(h, []domain.ClarionServer{server}, rows...)
		i.Node = ""
		if got := runs(t, i); got.Torrents != 2500 {
			t.Fatalf("got %+v", got)
		}
		if kept := h.get(t, uuid.MustParse(rows[0].ID)).LocalNode; kept != server.LocalNode {
			t.Errorf("node %q", kept)
		}
	})
}
