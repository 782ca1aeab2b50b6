package database_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/internal/testkit/postgres"
	"github.com/clarion-app/download-manager/ports/portstest"
)

// secretKey is the key of all databases in the tests.
var secretKey = [32]byte{0: 1, 31: 2}

// databases are the kinds of database that everything is proved on, and how to
// get the address of an empty one.
var databases = map[string]func(t testing.TB) string{
	"SQLite": func(t testing.TB) string {
		t.Helper()
		return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	},
	"PostgreSQL": func(t testing.TB) string {
		t.Helper()
		return postgres.URL(t)
	},
}

// migrated are the same, with their tables made.
var migrated = map[string]func(t testing.TB) string{
	"SQLite": func(t testing.TB) string {
		t.Helper()
		dsn := databases["SQLite"](t)
		if err := migrateUp(t.Context(), dsn); err != nil {
			t.Fatal(err)
		}
		return dsn
	},
	"PostgreSQL": func(t testing.TB) string {
		t.Helper()
		return postgres.Template(t, "database", func(url string) error { return migrateUp(context.Background(), url) })
	},
}

func migrateUp(ctx context.Context, dsn string) error {
	db, err := database.Open(ctx, dsn, database.Options{SecretKey: secretKey})
	if err != nil {
		return err
	}
	if err := db.MigrateUp(ctx); err != nil {
		_ = db.Close()
		return err
	}
	return db.Close()
}

// open opens a database that is closed when the test ends.
func open(t testing.TB, dsn string, opts database.Options) *database.DB {
	t.Helper()
	if opts.SecretKey == [32]byte{} {
		opts.SecretKey = secretKey
	}
	db, err := database.Open(t.Context(), dsn, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// onBoth proves a fact on a fresh database of each kind.
func onBoth(t *testing.T, fact func(t *testing.T, dsn string)) {
	t.Helper()
	for name, fresh := range migrated {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fact(t, fresh(t))
		})
	}
}

func bundle(db *database.DB) portstest.Store {
	return portstest.Store{
		Torrents: db.Torrents(), TorrentCounts: db.TorrentCounts(), ServerTorrents: db.ServerTorrents(),
		Keys: db.IdempotencyKeys(), Metainfos: db.Metainfos(), Removals: db.Removals(),
		Servers: db.Servers(), ServerLoads: db.ServerLoads(), ServerLeases: db.ServerLeases(),
		EventLog: db.EventLog(), Consumers: db.Consumers(), Users: db.Users(), Tokens: db.Tokens(),
	}
}

// TestPorts holds both databases to the contracts of the ports.
func TestPorts(t *testing.T) {
	t.Parallel()
	for port, suite := range map[string]func(*testing.T, func(*testing.T) portstest.Store){
		"TorrentRepository":  portstest.TorrentRepository,
		"TorrentCounts":      portstest.TorrentCounts,
		"ServerTorrents":     portstest.ServerTorrents,
		"IdempotencyKeys":    portstest.IdempotencyKeys,
		"MetainfoRepository": portstest.MetainfoRepository,
		"RemovalRepository":  portstest.RemovalRepository,
		"ServerRepository":   portstest.ServerRepository,
		"ServerLoads":        portstest.ServerLoads,
		"ServerLeases":       portstest.ServerLeases,
		"EventLog":           portstest.EventLog,
		"UserRepository":     portstest.UserRepository,
		"TokenRepository":    portstest.TokenRepository,
		"ConsumerRepository": portstest.ConsumerRepository,
	} {
		for name, fresh := range migrated {
			t.Run(port+"/"+name, func(t *testing.T) {
				t.Parallel()
				suite(t, func(t *testing.T) portstest.Store {
					t.Helper()
					return bundle(open(t, fresh(t), database.Options{}))
				})
			})
		}
	}
}
