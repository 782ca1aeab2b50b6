package database_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// torrentsOn are the use cases of a process that uses db.
func torrentsOn(db *database.DB) *app.Torrents {
	return &app.Torrents{
		Repository: db.Torrents(), Keys: db.IdempotencyKeys(), Servers: db.Servers(), Loads: db.ServerLoads(),
		Node: "node", Nudge: func(uuid.UUID) {}, Now: time.Now,
	}
}

// wish asks for torrent n under a key of its own.
func wish(n int) app.AddTorrent {
	key := fmt.Sprint("key ", n)
	return app.AddTorrent{MagnetURI: fmt.Sprintf("magnet:?xt=urn:btih:%040x", n), IdempotencyKey: &key}
}

func TestIdempotencyKeysAcrossProcesses(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		const callers, many = 16, 40
		processes := []*app.Torrents{}
		for range 2 {
			processes = append(processes, torrentsOn(open(t, dsn, database.Options{})))
		}
		db := open(t, dsn, database.Options{})
		fill(t, db, 0, nil)
		me := domain.Actor{UserID: uuid.New(), Role: domain.RoleMember}
		var all []app.AddTorrent
		for n := range many {
			all = append(all, wish(n))
		}
		// Half of the callers add one by one, half all at once, in either direction.
		got := make([]map[string]uuid.UUID, callers)
		var adding sync.WaitGroup
		for i := range callers {
			adding.Go(func() {
				inputs, process := slices.Clone(all), processes[i%2]
				if i/2%2 == 0 {
					slices.Reverse(inputs)
				}
				var results []app.AddedTorrent
				if i < callers/2 {
					var err error
					if results, err = process.AddAll(t.Context(), me, inputs, false); err != nil {
						t.Error(err)
					}
				} else {
					for _, input := range inputs {
						torrent, err := process.Add(t.Context(), me, input)
						results = append(results, app.AddedTorrent{Torrent: torrent, Err: err})
					}
				}
				got[i] = map[string]uuid.UUID{}
				for n, r := range results {
					if r.Err != nil {
						t.Error(r.Err)
						return
					}
					got[i][*inputs[n].IdempotencyKey] = r.Torrent.ID
				}
			})
		}
		adding.Wait()
		for i := range got {
			for key, id := range got[i] {
				if id != got[0][key] {
					t.Errorf("%q is %s and %s", key, got[0][key], id)
				}
			}
		}
		torrents, err := db.Torrents().Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{})
		if err != nil {
			t.Fatal(err)
		}
		events, err := db.EventLog().After(t.Context(), ports.EventQuery{Limit: 1000})
		if err != nil || len(torrents) != many || len(events) != many {
			t.Errorf("%d torrents and %d events for %d keys; %v", len(torrents), len(events), many, err)
		}
	})
}

func TestStatementsOfMany(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		const many = 600 // two transactions
		var count counter
		db := open(t, dsn, database.Options{Observe: count.observe})
		server, actor := fill(t, db, 0, nil), domain.System()
		torrents := torrentsOn(db)
		var wishes []app.AddTorrent
		for n := range many {
			wishes = append(wishes, wish(n))
		}
		all := app.SelectTorrents{Filter: &domain.TorrentFilter{ServerID: &server.ID}, AtMost: 1000}
		lock, at := "", time.Now()
		if strings.HasPrefix(dsn, "postgres") {
			lock = "SELECT "
		}
		add := func(dryRun bool) func() (int, error) {
			return func() (int, error) {
				results, err := torrents.AddAll(t.Context(), actor, wishes, dryRun)
				return len(results), err
			}
		}
		complete := func(dryRun bool) func() (int, error) {
			return func() (int, error) {
				results, err := torrents.UpdateAll(t.Context(), actor, all, app.UpdateTorrents{CompletedAt: app.Some(&at)}, dryRun)
				return len(results), err
			}
		}
		reopen := func(dryRun bool) func() (int, error) {
			return func() (int, error) {
				results, err := torrents.MarkAllIncomplete(t.Context(), actor, all, dryRun)
				return len(results), err
			}
		}
		remove := func(dryRun bool) func() (int, error) {
			return func() (int, error) {
				results, err := torrents.RemoveAll(t.Context(), actor, all, false, dryRun)
				return len(results), err
			}
		}
		rehearsal := "SELECT" + strings.Repeat(" BEGIN SELECT COMMIT", 2)
		for _, step := range []struct {
			what       string
			do         func() (int, error)
			operations string
		}{
			// Keys, servers, and where the contents are already.
			{"a dry run of adding", add(true), "SELECT SELECT SELECT SELECT SELECT SELECT"},
			{"adding", add(false), strings.TrimSpace(strings.Repeat("SELECT SELECT SELECT BEGIN SELECT INSERT INSERT "+lock+"INSERT COMMIT ", 2))},
			{"adding again", add(false), "SELECT SELECT"},
			{"a dry run of completing", complete(true), rehearsal},
			{"completing", complete(false), "SELECT" + strings.Repeat(" BEGIN SELECT UPDATE "+lock+"INSERT COMMIT", 2)},
			{"completing again", complete(false), rehearsal},
			{"a dry run of reopening", reopen(true), "SELECT" + strings.Repeat(" BEGIN SELECT COMMIT SELECT", 2)},
			{"reopening", reopen(false), "SELECT" + strings.Repeat(" BEGIN SELECT SELECT UPDATE "+lock+"INSERT COMMIT", 2)},
			{"a dry run of removing", remove(true), rehearsal},
			{"removing", remove(false), "SELECT" + strings.Repeat(" BEGIN SELECT UPDATE INSERT DELETE "+lock+"INSERT COMMIT", 2)},
		} {
			count.take()
			if n, err := step.do(); err != nil || n != many {
				t.Fatal(step.what, n, err)
			}
			if got := count.take(); got != step.operations {
				t.Errorf("%s:\n got %s\nwant %s", step.what, got, step.operations)
			}
		}
	})
}
