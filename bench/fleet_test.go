package bench_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/adapters/torrentclients"
	"github.com/clarion-app/download-manager/adapters/torrentclients/transmission"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/faultproxy"
	"github.com/clarion-app/download-manager/internal/testkit/postgres"
)

const (
	liveServers    = 15
	fleetTorrents  = 500 // of each server
	fleetChanging  = 5
	clientPatience = time.Second
)

// fleet is the product's checks of many servers, all of which hold torrents, and of
// which some are dead.
type fleet struct {
	checks *app.Checks
	live   []uuid.UUID
	ended  *checkEnds
}

// newFleet makes one on a database of its own. The dead servers are the oldest, so
// that they come first.
func newFleet(b *testing.B, engine string, interval time.Duration, dead ...string) *fleet {
	b.Helper()
	dsn := filepath.Join(b.TempDir(), "fleet.db")
	if engine == "postgres" {
		dsn = postgres.URL(b)
	}
	db := openStore(b, dsn)
	clients := torrentclients.New(torrentclients.Config{
		Transmission: []transmission.Option{transmission.WithTimeout(clientPatience)},
	})
	b.Cleanup(func() { _ = clients.Close() })
	f := &fleet{ended: &checkEnds{last: map[uuid.UUID]time.Time{}}}
	f.checks = &app.Checks{
		Torrents: db.Torrents(), Metainfos: db.Metainfos(), Removals: db.Removals(), Leases: db.ServerLeases(), Servers: db.Servers(),
		Clients: clients, Node: "local", Owner: "bench", Interval: interval, LeaseFor: time.Minute, Now: time.Now, Log: slog.New(f.ended),
	}
	created := time.Now().Add(-time.Hour)
	for _, address := range dead {
		created = created.Add(time.Second)
		fleetServer(b, db, address, created)
	}
	for range liveServers {
		created = created.Add(time.Second)
		daemon := newTalkativeDaemon(b, fleetTorrents, fleetChanging)
		f.live = append(f.live, fleetServer(b, db, daemon.URL, created))
	}
	return f
}

// fleetServer adds a server with torrents that it has taken.
func fleetServer(b *testing.B, db *database.DB, address string, created time.Time) uuid.UUID {
	b.Helper()
	server, err := domain.NewServer("local", address, "Transmission", created)
	if err != nil {
		b.Fatal(err)
	}
	if err := db.Servers().Add(b.Context(), server); err != nil {
		b.Fatal(err)
	}
	torrents := make([]*domain.Torrent, fleetTorrents)
	for n := range torrents {
		magnet, err := domain.ParseMagnet(benchMagnet(n))
		if err != nil {
			b.Fatal(err)
		}
		if torrents[n], err = domain.NewTorrent(magnet, "", *server, nil, created); err != nil {
			b.Fatal(err)
		}
		torrents[n].Accept(*server, magnet.InfoHash(), magnet.InfoHash(), created)
		torrents[n].Unapplied = 0
	}
	if err := db.Torrents().Add(b.Context(), torrents...); err != nil {
		b.Fatal(err)
	}
	return server.ID
}

// deadServers starts one of each kind and returns their addresses: one that refuses,
// one that hangs, one that talks garbage, one that is slow, and one that answers every
// other time.
func deadServers(b *testing.B) []string {
	b.Helper()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	_ = closed.Close()
	addresses := []string{"http://" + closed.Addr().String()}
	daemon := strings.TrimPrefix(newTalkativeDaemon(b, fleetTorrents, fleetChanging).URL, "http://")
	for _, fault := range []func(*faultproxy.Proxy){
		(*faultproxy.Proxy).Hang, func(p *faultproxy.Proxy) { p.Answer([]byte(strings.Repeat("garbage ", 1<<10))) }, (*faultproxy.Proxy).Drip,
	} {
		proxy := faultproxy.New(b, "tcp", daemon)
		fault(proxy)
		addresses = append(addresses, "http://"+proxy.Address())
	}
	behind, asked := newTalkativeDaemon(b, fleetTorrents, fleetChanging), atomic.Int64{}
	flapping := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1)%2 == 0 {
			panic(http.ErrAbortHandler)
		}
		behind.ServeHTTP(w, r)
	}))
	b.Cleanup(flapping.Close)
	return append(addresses, flapping.URL)
}

// checkEnds is a log that takes down when the check of each server has ended: that is
// told when all of it is written down and the server given back.
type checkEnds struct {
	mu   sync.Mutex
	last map[uuid.UUID]time.Time
	gaps []time.Duration
	// of are the servers whose gaps between two checks are taken down.
	of map[uuid.UUID]bool
	// errs are the failures of these.
	errs []string
}

// Enabled implements slog.Handler.
func (*checkEnds) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs implements slog.Handler.
func (c *checkEnds) WithAttrs([]slog.Attr) slog.Handler { return c }

// WithGroup implements slog.Handler.
func (c *checkEnds) WithGroup(string) slog.Handler { return c }

// Handle implements slog.Handler.
func (c *checkEnds) Handle(_ context.Context, r slog.Record) error {
	now := time.Now()
	r.Attrs(func(a slog.Attr) bool {
		id, isID := a.Value.Any().(uuid.UUID)
		if a.Key != "server" || !isID {
			return true
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.of[id] {
			if r.Level > slog.LevelInfo {
				c.errs = append(c.errs, fmt.Sprint(id, ": ", r.Message))
			}
			if before := c.last[id]; !before.IsZero() {
				c.gaps = append(c.gaps, now.Sub(before))
			}
		}
		c.last[id] = now
		return false
	})
	return nil
}

// follow forgets what was and takes down the gaps of some servers from now on.
func (c *checkEnds) follow(ids []uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.last)
	c.gaps, c.errs, c.of = nil, nil, map[uuid.UUID]bool{}
	for _, id := range ids {
		c.of[id] = true
	}
}
