package app_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

const node = "local"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is the whole product on memory adapters, with a clock that tests move.
type house struct {
	store    *memory.Store
	clients  *memory.TorrentClients
	torrents *app.Torrents
	servers  *app.Servers
	checks   *app.Checks
	events   *app.Events
	users    *app.Users

	mu     sync.Mutex
	now    time.Time
	nudged []uuid.UUID
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{
		store: memory.New(), clients: memory.NewTorrentClients(),
		now: domain.Instant(time.Now()),
	}
	h.store.Now = h.clock
	nudge := func(id uuid.UUID) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.nudged = append(h.nudged, id)
	}
	log := slog.New(slog.DiscardHandler)
	h.torrents = &app.Torrents{
		Repository: h.store.Torrents(), Counts: h.store.TorrentCounts(), ServerTorrents: h.store.ServerTorrents(), Keys: h.store.IdempotencyKeys(),
		Servers: h.store.Servers(), Loads: h.store.ServerLoads(), Capabilities: h.clients.Capabilities,
		Node: node, Nudge: nudge, Now: h.clock,
	}
	h.servers = &app.Servers{
		Repository: h.store.Servers(), Torrents: h.store.Torrents(), Clients: h.clients,
		Node: node, Nudge: nudge, Now: h.clock,
	}
	h.checks = h.newChecks("one")
	h.events = &app.Events{
		EventLog: h.store.EventLog(), Signal: h.store.Signal(), Log: log, Poll: 10 * time.Millisecond,
	}
	h.users = &app.Users{Repository: h.store.Users(), Tokens: h.store.Tokens(), Now: h.clock}
	return h
}

func (h *house) newChecks(owner string) *app.Checks {
	return &app.Checks{
		Torrents: h.store.Torrents(), Metainfos: h.store.Metainfos(), Removals: h.store.Removals(), Leases: h.store.ServerLeases(),
		Servers: h.store.Servers(), Clients: h.clients, Loads: h.store.ServerLoads(), Node: node, Owner: owner,
		Interval: 10 * time.Second, LeaseFor: 30 * time.Second, Now: h.clock,
		Log: slog.New(slog.DiscardHandler),
	}
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func admin() domain.Actor { return domain.Actor{UserID: adminID, Role: domain.RoleAdministrator} }

func member(id uuid.UUID) domain.Actor { return domain.Actor{UserID: id, Role: domain.RoleMember} }

var adminID = uuid.MustParse("11111111-1111-4111-8111-111111111111")

func (h *house) server(t *testing.T, address string) *domain.Server {
	t.Helper()
	s, err := h.servers.Register(t.Context(), admin(), app.ServerSettings{
		Address: app.Some(address), Type: app.Some(memory.TorrentClientType),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func magnet(n int) string { return fmt.Sprintf("magnet:?xt=urn:btih:%040x&dn=torrent+%d", n, n) }

func hash(n int) domain.InfoHash {
	h, err := domain.ParseInfoHash(fmt.Sprintf("%040x", n))
	if err != nil {
		panic(err)
	}
	return h
}

func (h *house) add(t *testing.T, actor domain.Actor, n int, server *domain.Server) *domain.Torrent {
	t.Helper()
	input := app.AddTorrent{MagnetURI: magnet(n)}
	if server != nil {
		input.ServerID = &server.ID
	}
	torrent, err := h.torrents.Add(t.Context(), actor, input)
	if err != nil {
		t.Fatal(err)
	}
	return torrent
}

func (h *house) get(t *testing.T, id uuid.UUID) *domain.Torrent {
	t.Helper()
	torrent, err := h.torrents.Get(t.Context(), admin(), id)
	if err != nil {
		t.Fatal(err)
	}
	return torrent
}

// check checks every server once and returns what was done, by server.
func (h *house) check(t *testing.T) map[uuid.UUID]app.ServerCheck {
	t.Helper()
	results, err := h.checks.CheckAll(t.Context(), domain.System())
	if err != nil {
		t.Fatal(err)
	}
	by := map[uuid.UUID]app.ServerCheck{}
	for _, r := range results {
		by[r.Server.ID] = r
	}
	return by
}

func (h *house) completions(t *testing.T) []domain.Event {
	t.Helper()
	page, err := h.events.Find(t.Context(), admin(), nil, completed, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return page.Events
}

// wantOpen fails unless servers have so many open torrents.
func (h *house) wantOpen(t *testing.T, want map[*domain.Server]int) {
	t.Helper()
	for server, n := range want {
		open, err := h.store.Torrents().Open(t.Context(), server.ID)
		if err != nil || len(open) != n {
			t.Errorf("%s has %d open torrents, want %d; %v", server.Address, len(open), n, err)
		}
	}
}

func wantKind(t *testing.T, err error, kind domain.Kind, field string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s %s", kind, field)
	}
	for _, e := range domain.Errors(err) {
		if e.Kind == kind && e.Field == field {
			return
		}
	}
	t.Fatalf("error %v, want kind %s of field %q", err, kind, field)
}
