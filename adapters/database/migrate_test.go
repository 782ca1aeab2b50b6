package database_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/clarion-app/download-manager/adapters/database"
)

// tables are the tables of ours that there are.
func tables(t *testing.T, db *database.DB) []string {
	t.Helper()
	query := "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'bun%' ORDER BY 1"
	if db.Bun().Dialect().Name().String() != "pg" {
		query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'bun%' AND name NOT LIKE 'sqlite%' ORDER BY 1"
	}
	var names []string
	if err := db.Bun().NewRaw(query).Scan(t.Context(), &names); err != nil {
		t.Fatal(err)
	}
	return names
}

// status tells how many steps there are and how many are applied.
func status(t *testing.T, db *database.DB) (steps, applied int) {
	t.Helper()
	list, err := db.MigrationStatus(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, step := range list {
		if !strings.HasPrefix(step.Name, fmt.Sprintf("%04d_", i+1)) {
			t.Errorf("step %d is called %q", i, step.Name)
		}
		if step.AppliedAt != nil {
			applied++
		}
	}
	return len(list), applied
}

func TestMigrations(t *testing.T) {
	t.Parallel()
	for name, empty := range databases {
		t.Run("every step goes up, down and up again on "+name, func(t *testing.T) {
			t.Parallel()
			db := open(t, empty(t), database.Options{})
			for range 2 {
				if steps, applied := status(t, db); steps == 0 || applied != 0 || len(tables(t, db)) != 0 {
					t.Fatalf("before: %d of %d steps, tables %v", applied, steps, tables(t, db))
				}
				for range 2 { // the second time there is nothing to do
					if err := db.MigrateUp(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				if steps, applied := status(t, db); applied != steps {
					t.Errorf("up: %d of %d steps", applied, steps)
				}
				if got := fmt.Sprint(tables(t, db)); got != "[api_tokens event_consumers idempotency_keys torrent_events torrent_events_pruned torrent_metainfos torrent_removals torrent_servers torrents users]" {
					t.Errorf("up: tables %s", got)
				}
				if err := db.MigrateDown(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		})
		t.Run("processes that start together migrate once on "+name, func(t *testing.T) {
			t.Parallel()
			dsn := empty(t)
			var starting sync.WaitGroup
			for range 4 {
				starting.Go(func() {
					if err := migrateUp(t.Context(), dsn); err != nil {
						t.Error(err)
					}
				})
			}
			starting.Wait()
			db := open(t, dsn, database.Options{})
			var records int
			if err := db.Bun().NewRaw("SELECT count(*) FROM bun_migrations").Scan(t.Context(), &records); err != nil {
				t.Fatal(err)
			}
			if steps, applied := status(t, db); applied != steps || records != steps {
				t.Errorf("%d of %d steps, %d records", applied, steps, records)
			}
		})
		t.Run("waiting for another process's migration obeys the context on "+name, func(t *testing.T) {
			t.Parallel()
			db := open(t, empty(t), database.Options{})
			unlock, err := db.LockMigrations(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := soon(t)
			defer cancel()
			if err := db.MigrateUp(ctx); err == nil {
				t.Error("it did not wait")
			}
			if err := unlock(); err != nil {
				t.Fatal(err)
			}
			if err := db.MigrateUp(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("both databases have the same steps", func(t *testing.T) {
		t.Parallel()
		var lists []string
		for _, empty := range databases {
			list, err := open(t, empty(t), database.Options{}).MigrationStatus(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			lists = append(lists, fmt.Sprint(list))
		}
		if lists[0] != lists[1] {
			t.Errorf("%s\n%s", lists[0], lists[1])
		}
	})
}
