package graph_test

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
	"github.com/clarion-app/download-manager/internal/testkit/postgres"
)

// stored are the databases that a door can stand on: how to get an empty one.
var stored = map[string]func(t *testing.T) string{
	"SQLite": func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "test.db") },
	"PostgreSQL": func(t *testing.T) string {
		t.Helper()
		return postgres.URL(t)
	},
}

// statements takes down what a database is asked.
type statements struct {
	mu    sync.Mutex
	texts []string
}

func (s *statements) observe(_, query string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.texts = append(s.texts, query)
}

// take returns the statements since the last take.
func (s *statements) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	texts := s.texts
	s.texts = nil
	return texts
}

// openStoredDoor is a door whose lists are read from a database.
func openStoredDoor(t *testing.T, address string, seen *statements) (*door, *database.DB) {
	t.Helper()
	db, err := database.Open(t.Context(), address, database.Options{Observe: seen.observe})
	if err == nil {
		t.Cleanup(func() { _ = db.Close() })
		err = db.MigrateUp(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return openDoor(t, func(c *graph.Config) {
		c.Torrents = &app.Torrents{
			Repository: db.Torrents(), Counts: db.TorrentCounts(), ServerTorrents: db.ServerTorrents(),
			Servers: db.Servers(), Loads: db.ServerLoads(), Capabilities: c.Servers.Clients.Capabilities, Node: node, Nudge: c.Torrents.Nudge, Now: time.Now,
		}
		c.Servers = &app.Servers{Repository: db.Servers(), Torrents: db.Torrents(), Clients: c.Servers.Clients, Node: node, Now: time.Now}
		c.Users = &app.Users{Repository: db.Users(), Tokens: db.Tokens(), Now: time.Now}
		c.Progress = &app.Progress{Servers: db.Servers(), Clients: c.Progress.Clients, Log: c.Log, Patience: time.Minute}
	}), db
}

// addServers stores servers with torrents on each, which belong to a user apiece.
func addServers(t *testing.T, db *database.DB, servers, torrents int) {
	t.Helper()
	for range servers {
		server, err := domain.NewServer(node, "localhost:9091", "Memory", time.Now())
		if err == nil {
			err = db.Servers().Add(t.Context(), server)
		}
		if err != nil {
			t.Fatal(err)
		}
		var all []*domain.Torrent
		for i := range torrents {
			link, err := domain.ParseMagnet(magnet(i + 1))
			if err != nil {
				t.Fatal(err)
			}
			user := uuid.New()
			torrent, err := domain.NewTorrent(link, "", *server, &user, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, torrent)
		}
		if err := db.Torrents().Add(context.WithoutCancel(t.Context()), all...); err != nil {
			t.Fatal(err)
		}
	}
}

func TestListStatements(t *testing.T) {
	t.Parallel()
	for name, fresh := range stored {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen statements
			d, db := openStoredDoor(t, fresh(t), &seen)
			for _, stock := range []struct{ more, altogether int }{{1, 1}, {19, 20}} {
				addServers(t, db, stock.more, 30)
				for _, size := range []int{1, 20} {
					for query, want := range map[string]int{
						`{ torrents(first: $n) { nodes { name } } }`:                                                                1,
						`{ torrents(first: $n, orderBy: {field: NAME}) { edges { cursor node { id } } pageInfo { hasNextPage } } }`: 1,
						`{ torrents(last: $n) { nodes { name server { id } user { id } } } }`:                                       3,
						`{ torrents(first: $n) { nodes { id } totalCount } }`:                                                       2,
						`{ torrents(first: $n, filter: {clientType: "Memory", nameContains: "T"}) { totalCount } }`:                 2,
						`{ torrentCounts { total byStatus { count } byServer { count } byUser { count } } }`:                        1,
						`{ torrentCounts { byServer { server { id } count } byUser { user { id } count } } }`:                       3,
						`{ torrentServers { id } }`:                                                                                1,
						`{ torrentServers { torrents(first: $n) { nodes { id } } } }`:                                              2,
						`{ torrentServers { torrents(last: $n, orderBy: {field: STATUS}) { totalCount } } }`:                       3,
						`{ torrentServers { torrents(first: $n) { totalCount nodes { server { id } user { id } } } } }`:            5,
						`{ torrentServers { a: torrents(first: $n) { nodes { id } } b: torrents(last: $n) { nodes { id } } } }`:    3,
						`{ torrents(first: $n) { nodes { server { torrents(first: 1) { totalCount nodes { user { id } } } } } } }`: 5,
					} {
						seen.take()
						d.ask(t, admin, strings.ReplaceAll(query, "$n", strconv.Itoa(size)), nil)
						if got := seen.take(); len(got) != want {
							t.Errorf("%d servers, page of %d, %s: %d statements, want %d:\n%s",
								stock.altogether, size, query, len(got), want, strings.Join(got, "\n"))
						}
					}
				}
			}
		})
	}
}
