package database_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// waitForWaiter returns once some transaction of a PostgreSQL database waits for
// another. On SQLite all wait for the one that writes.
func waitForWaiter(t *testing.T, dsn string) {
	t.Helper()
	if !strings.HasPrefix(dsn, "postgres") {
		return
	}
	db := open(t, dsn, database.Options{})
	deadline, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for waiters := 0; waiters == 0; {
		err := db.Bun().NewRaw(`SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(deadline, &waiters)
		if err != nil {
			t.Errorf("nobody waits: %v", err)
			return
		}
	}
}

// TestLocks is about PostgreSQL, where several transactions write at once.
func TestLocks(t *testing.T) {
	t.Parallel()
	setup := func(t *testing.T) (string, *database.DB, *domain.Server) {
		t.Helper()
		dsn := migrated["PostgreSQL"](t)
		db := open(t, dsn, database.Options{})
		return dsn, db, fill(t, db, 1, func(i int, torrent *domain.Torrent) {
			accept(i, torrent)
			if err := torrent.Complete(torrent.CreatedAt, torrent.CreatedAt); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("adding, claiming, renewing and releasing do not wait for an add that takes its time", func(t *testing.T) {
		t.Parallel()
		_, db, server := setup(t)
		// An add that has locked its server and does not come to its end, as when it
		// waits for its turn to append events.
		tx, err := db.Bun().BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		if _, err := tx.ExecContext(t.Context(), "SELECT id FROM torrent_servers WHERE id = ? FOR KEY SHARE", server.ID); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		now := time.Now()
		for range 2 {
			claimed, lease, err := db.ServerLeases().Claim(ctx, ports.LeaseRequest{Node: "node", Owner: "a", Now: now, Until: now.Add(time.Hour)})
			if err != nil || claimed == nil {
				t.Fatalf("claimed %v, %v", claimed, err)
			}
			if err := db.ServerLeases().Renew(ctx, lease, now.Add(2*time.Hour)); err != nil {
				t.Error(err)
			}
			claimed.Seen(now, now)
			if err := db.ServerLeases().Release(ctx, lease, claimed); err != nil {
				t.Error(err)
			}
		}
		if err := db.Torrents().Add(ctx, torrentFor(t, server)); err != nil {
			t.Error(err)
		}
		if _, err := db.Servers().Update(ctx, server.ID, func(*domain.Server) error { return nil }); err != nil {
			t.Error(err)
		}
	})
	for name, put := range map[string]func(ctx context.Context, db *database.DB, server, other *domain.Server, torrent uuid.UUID) error{
		"added": func(ctx context.Context, db *database.DB, server, _ *domain.Server, _ uuid.UUID) error {
			return db.Torrents().Add(ctx, torrentFor(nil, server))
		},
		"reopened": func(ctx context.Context, db *database.DB, _, _ *domain.Server, torrent uuid.UUID) error {
			_, err := db.Torrents().Update(ctx, []uuid.UUID{torrent}, nil, func(torrent *domain.Torrent) error {
				torrent.MarkIncomplete(time.Now())
				return nil
			})
			return err
		},
		"moved there": func(ctx context.Context, db *database.DB, server, other *domain.Server, _ uuid.UUID) error {
			open, err := db.Torrents().Open(ctx, other.ID)
			if err != nil {
				return err
			}
			_, err = db.Torrents().Update(ctx, []uuid.UUID{open[0].ID}, nil, func(torrent *domain.Torrent) error {
				torrent.AssignServer(*server, time.Now())
				return nil
			})
			return err
		},
	} {
		t.Run("a torrent that is "+name+" waits for the removal of its server, and is then refused", func(t *testing.T) {
			t.Parallel()
			dsn, db, server := setup(t)
			other := fill(t, db, 1, nil)
			torrents, err := db.Torrents().Find(t.Context(), domain.TorrentFilter{ServerID: &server.ID}, domain.TorrentPage{})
			if err != nil {
				t.Fatal(err)
			}
			result := make(chan error, 1)
			err = db.Servers().Remove(t.Context(), server.ID, func(s *domain.Server, openTorrents int) error {
				go func() { result <- put(t.Context(), db, server, other, torrents[0].ID) }()
				waitForWaiter(t, dsn)
				return s.Remove(openTorrents, time.Now())
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := <-result; domain.KindOf(err) != domain.KindInvalid {
				t.Errorf("error %v", err)
			}
			left, err := db.Torrents().Open(t.Context(), server.ID)
			if err != nil || len(left) > 0 {
				t.Errorf("%d open torrents on a removed server, %v", len(left), err)
			}
		})
	}
}

// torrentFor makes a torrent on server; t may be nil.
func torrentFor(t *testing.T, server *domain.Server) *domain.Torrent {
	if t != nil {
		t.Helper()
	}
	magnet, err := domain.ParseMagnet("magnet:?xt=urn:btih:dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c&dn=Big+Buck+Bunny")
	if err != nil {
		panic(err)
	}
	torrent, err := domain.NewTorrent(magnet, "", *server, nil, time.Now())
	if err != nil {
		panic(err)
	}
	return torrent
}
