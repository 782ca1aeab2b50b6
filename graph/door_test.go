package graph_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// door is the GraphQL door of a whole product on memory adapters, on a real socket.
type door struct {
	store    *memory.Store
	clients  *memory.TorrentClients
	torrents *app.Torrents
	checks   *app.Checks
	config   graph.Config
	http     *http.Client
	url      string
	log      *logText

	mu     sync.Mutex
	tokens map[string]domain.Actor
	// trouble is what keeps the authenticator from answering.
	trouble error
	// looks is how often it was asked.
	looks int
}

const (
	node  = "here"
	admin = "admin-token"
	alice = "alice-token"
	bob   = "bob-token"
	guest = "guest-token" // of a Clarion host: no record here
)

func openDoor(t *testing.T, options ...func(*graph.Config)) *door {
	t.Helper()
	store, clients := memory.New(), memory.NewTorrentClients()
	d := &door{store: store, clients: clients, log: &logText{}, tokens: map[string]domain.Actor{}}
	nudge, log := func(uuid.UUID) {}, slog.New(slog.NewTextHandler(d.log, nil))
	d.torrents = &app.Torrents{
		Repository: store.Torrents(), Counts: store.TorrentCounts(), ServerTorrents: store.ServerTorrents(), Keys: store.IdempotencyKeys(),
		Servers: store.Servers(), Loads: store.ServerLoads(), Capabilities: clients.Capabilities,
		Node: node, Nudge: nudge, Now: time.Now,
	}
	d.checks = &app.Checks{
		Torrents: store.Torrents(), Metainfos: store.Metainfos(), Removals: store.Removals(), Leases: store.ServerLeases(),
		Servers: store.Servers(), Clients: clients, Node: node, Owner: "test",
		Interval: time.Minute, LeaseFor: time.Minute, Now: time.Now, Log: log,
	}
	d.config = graph.Config{
		Torrents: d.torrents, Checks: d.checks,
		Servers: &app.Servers{
			Repository: store.Servers(), Torrents: store.Torrents(), Clients: clients,
			Node: node, Nudge: nudge, Now: time.Now,
		},
		Events:       &app.Events{EventLog: store.EventLog(), Signal: store.Signal(), Log: log, Poll: time.Minute},
		Consumers:    &app.Consumers{Repository: store.Consumers(), EventLog: store.EventLog(), Now: time.Now},
		Users:        &app.Users{Repository: store.Users(), Tokens: store.Tokens(), Now: time.Now},
		Progress:     &app.Progress{Servers: store.Servers(), Clients: clients, Log: log, Patience: time.Minute},
		Authenticate: d.authenticate, AuthenticateToken: d.authenticateToken, Log: log,
	}
	d.addUser(t, admin, "root", domain.RoleAdministrator)
	d.addUser(t, alice, "alice", domain.RoleMember)
	d.addUser(t, bob, "bob", domain.RoleMember)
	d.tokens[guest] = domain.Actor{UserID: uuid.New(), Role: domain.RoleMember}
	for _, option := range options {
		option(&d.config)
	}
	d.config.Details = &app.TorrentDetails{Progress: d.config.Progress}
	d.config.Insight = &app.ServerInsight{Progress: d.config.Progress, Torrents: store.Torrents()}
	d.config.ProgressFeed = &app.ProgressFeed{
		Progress: d.config.Progress, Torrents: store.Torrents(), EventLog: store.EventLog(), Signal: store.Signal(), Log: log, Poll: time.Minute,
	}
	d.config.ServerFeed = &app.ServerFeed{Servers: store.Servers(), Signal: store.Signal(), Log: log, Poll: time.Minute}
	d.serve(t)
	return d
}

// serve listens with small buffers, so that a client which does not read is soon felt.
func (d *door) serve(t *testing.T) {
	t.Helper()
	server := httptest.NewUnstartedServer(graph.NewHandler(d.config))
	server.Listener = smallBuffers{server.Listener}
	server.Start()
	transport := &http.Transport{}
	d.http, d.url = &http.Client{Transport: transport}, server.URL
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(d.log)
		}
		transport.CloseIdleConnections()
		server.CloseClientConnections()
		server.Close()
	})
}

type smallBuffers struct{ net.Listener }

func (l smallBuffers) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(4 << 10)
	}
	return conn, err
}

func (d *door) addUser(t *testing.T, token, name string, role domain.Role) {
	t.Helper()
	user, err := d.config.Users.Add(t.Context(), domain.System(), name, role, "")
	if err != nil {
		t.Fatal(err)
	}
	d.tokens[token] = user.Actor()
}

func (d *door) actor(token string) domain.Actor {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tokens[token]
}

func (d *door) setActor(token string, actor domain.Actor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tokens[token] = actor
}

func (d *door) authenticate(r *http.Request) (domain.Actor, error) {
	return d.authenticateToken(r.Context(), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
}

func (d *door) authenticateToken(_ context.Context, token string) (domain.Actor, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.looks++
	if d.trouble != nil {
		return domain.Actor{}, d.trouble
	}
	if actor, known := d.tokens[token]; known {
		return actor, nil
	}
	return domain.Actor{}, domain.Unauthenticated("authentication is required")
}

func (d *door) addServer(t *testing.T) *domain.Server {
	t.Helper()
	server, err := d.config.Servers.Register(t.Context(), domain.System(), app.ServerSettings{
		Address: app.Some("localhost:9091"), Type: app.Some(memory.TorrentClientType),
	})
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func (d *door) addTorrent(t *testing.T, token string, n int) *domain.Torrent {
	t.Helper()
	torrent, err := d.torrents.Add(t.Context(), d.actor(token), app.AddTorrent{MagnetURI: magnet(n)})
	if err != nil {
		t.Fatal(err)
	}
	return torrent
}

// check runs a check of all servers.
func (d *door) check(t *testing.T) {
	t.Helper()
	results, err := d.checks.CheckAll(t.Context(), domain.System())
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range results {
		if result.Err != nil {
			t.Fatal(result.Err)
		}
	}
}

// complete makes a torrent complete as its server's client would.
func (d *door) complete(t *testing.T, torrent *domain.Torrent) {
	t.Helper()
	d.check(t)
	d.clients.Daemon(torrent.ServerID).Finish(torrent.InfoHash())
	d.check(t)
}

func hash(n int) string { return fmt.Sprintf("%040x", n) }

func magnet(n int) string { return fmt.Sprintf("magnet:?xt=urn:btih:%s&dn=torrent+%d", hash(n), n) }

// logText is a log that can be read while it is written.
type logText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logText) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
