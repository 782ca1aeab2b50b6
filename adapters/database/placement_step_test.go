package database_test

import (
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/migrations"
)

// TestWhatHasBegunSurvivesTheStepForPlacement also runs the statements of a process of
// the version before, which goes on while others are updated.
func TestWhatHasBegunSurvivesTheStepForPlacement(t *testing.T) {
	t.Parallel()
	for name, empty := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t, empty(t), database.Options{})
			steps := migrations.Postgres()
			if name == "SQLite" {
				steps = migrations.SQLite()
			}
			files, err := fs.Glob(steps, "*.tx.up.sql")
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(files)
			apply := func(wanted func(step string) bool) {
				t.Helper()
				for _, file := range files {
					if !wanted(file[:4]) {
						continue
					}
					text, err := fs.ReadFile(steps, file)
					if err != nil {
						t.Fatal(err)
					}
					execute(t, db, string(text))
				}
			}
			const at, server = "'2026-03-04 05:06:07.5+00:00'", "'11111111-1111-4111-8111-111111111111'"
			added := map[string]uuid.UUID{}
			add := func(what, accepted, completed string) {
				t.Helper()
				added[what] = uuid.New()
				execute(t, db, fmt.Sprintf(
					`INSERT INTO torrents (id, local_node, server_id, name, accepted_at, completed_at, created_at, updated_at, info_hash, problem_attempts, "magnetURI")
					VALUES ('%s', 'n', %s, '%s', %s, %s, %s, %s, 'h', 0, 'magnet:')`, added[what], server, what, accepted, completed, at, at))
			}
			apply(func(step string) bool { return step < "0011" })
			execute(t, db, `INSERT INTO torrent_servers (id, local_node, address, type, created_at, updated_at, on_complete, next_check_at)
				VALUES (`+server+`, 'n', 'a', 'Transmission', `+at+`, `+at+`, 'KEEP', `+at+`)`)
			add("waits", "NULL", "NULL")
			add("accepted", at, "NULL")
			add("complete", at, at)
			add("completed by hand", "NULL", at)
			apply(func(step string) bool { return step >= "0011" })
			add("added since", "NULL", "NULL")
			add("accepted since", at, "NULL")
			for what, id := range added {
				torrent, err := db.Torrents().Get(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				if begun := what != "waits" && what != "added since"; torrent.Begun != begun {
					t.Errorf("what %s has begun: %v", what, !begun)
				}
			}

			_, err = db.Torrents().Update(t.Context(), []uuid.UUID{added["accepted since"]}, nil, func(torrent *domain.Torrent) error {
				torrent.MarkIncomplete(torrent.CreatedAt)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			torrent, err := db.Torrents().Get(t.Context(), added["accepted since"])
			if err != nil || torrent.AcceptedAt != nil || !torrent.Begun {
				t.Errorf("what was put back is as if it had never begun: %+v, %v", torrent, err)
			}
		})
	}
}
