package database_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// claim leases a server for an hour.
func claim(t *testing.T, db *database.DB, server *domain.Server, owner string) *domain.Lease {
	t.Helper()
	now := time.Now()
	claimed, lease, err := db.ServerLeases().Claim(t.Context(), ports.LeaseRequest{
		Node: server.LocalNode, Owner: owner, ServerID: &server.ID, Now: now, Until: now.Add(time.Hour),
	})
	if err != nil || claimed == nil {
		t.Fatalf("claimed %v, %v", claimed, err)
	}
	return lease
}

func TestLeases(t *testing.T) {
	t.Parallel()
	t.Run("three processes share the servers that are due, and none is checked twice at once", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			const servers, rounds = 12, 3
			first := open(t, dsn, database.Options{})
			for range servers {
				fill(t, first, 0, nil)
			}
			processes := []*database.DB{first, open(t, dsn, database.Options{}), open(t, dsn, database.Options{})}
			var mu sync.Mutex
			held, checks := map[uuid.UUID]int{}, map[uuid.UUID]int{}
			start := time.Now()
			// work is what a process does on a tick: claim until there is nothing left.
			work := func(process int, now time.Time) error {
				leases := processes[process].ServerLeases()
				for {
					server, lease, err := leases.Claim(t.Context(), ports.LeaseRequest{
						Node: "node", Owner: fmt.Sprint("process ", process), Now: now, Until: start.Add(time.Hour),
					})
					if err != nil || server == nil {
						return err
					}
					mu.Lock()
					if other, taken := held[server.ID]; taken {
						t.Errorf("process %d has what %d has", process, other)
					}
					held[server.ID] = process
					checks[server.ID]++
					mu.Unlock()
					server.Seen(now, now.Add(time.Minute))
					mu.Lock()
					delete(held, server.ID)
					mu.Unlock()
					if err := leases.Release(t.Context(), lease, server); err != nil {
						return err
					}
				}
			}
			for round := range rounds {
				var working sync.WaitGroup
				for process := range processes {
					working.Go(func() {
						if err := work(process, start.Add(time.Duration(round)*time.Minute)); err != nil {
							t.Error(err)
						}
					})
				}
				working.Wait()
			}
			for id, n := range checks {
				if n != rounds {
					t.Errorf("%s was checked %d times in %d rounds", id, n, rounds)
				}
			}
			if len(checks) != servers {
				t.Errorf("%d of %d servers were checked", len(checks), servers)
			}
		})
	})
	t.Run("an update begun under a lease keeps the server from being taken or changed until it is done", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			now := time.Now()
			db := open(t, dsn, database.Options{})
			other := open(t, dsn, database.Options{})
			server := fill(t, db, 1, nil)
			torrents, err := db.Torrents().Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{})
			if err != nil {
				t.Fatal(err)
			}
			lease := claim(t, db, server, "a")
			var done, updated time.Time
			var changing sync.WaitGroup
			_, err = db.Torrents().Update(t.Context(), []uuid.UUID{torrents[0].ID}, lease, func(torrent *domain.Torrent) error {
				changing.Go(func() {
					_, err := other.Servers().Update(t.Context(), server.ID, func(s *domain.Server) error {
						updated = time.Now()
						return s.Readdress("127.0.0.1:2", s.Type, now)
					})
					if err != nil {
						t.Error(err)
					}
				})
				waitForWaiter(t, dsn)
				done = time.Now()
				return torrent.Rename("in time", now)
			})
			if err != nil {
				t.Fatal(err)
			}
			changing.Wait()
			if updated.Before(done) {
				t.Error("the server was changed in the midst of it")
			}
			_, err = db.Torrents().Update(t.Context(), []uuid.UUID{torrents[0].ID}, lease, func(torrent *domain.Torrent) error {
				return torrent.Rename("too late", now)
			})
			if domain.KindOf(err) != domain.KindConflict {
				t.Errorf("error %v", err)
			}
		})
	})
	t.Run("a lease is renewed while it is written under", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			db := open(t, dsn, database.Options{})
			server := fill(t, db, 1, nil)
			torrents, err := db.Torrents().Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{})
			if err != nil {
				t.Fatal(err)
			}
			lease := claim(t, db, server, "a")
			for i := range 50 {
				var renewing sync.WaitGroup
				renewing.Go(func() {
					err := db.ServerLeases().Renew(t.Context(), lease, time.Now().Add(time.Hour+time.Duration(i)*time.Second))
					if err != nil {
						t.Error(err)
					}
				})
				_, err := db.Torrents().Update(t.Context(), []uuid.UUID{torrents[0].ID}, lease, func(torrent *domain.Torrent) error {
					return torrent.Rename(fmt.Sprint(i), time.Now())
				})
				if err != nil {
					t.Error(err)
				}
				renewing.Wait()
			}
		})
	})
	t.Run("whether a lease has run out is told by the clock", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			var ahead time.Duration
			db := open(t, dsn, database.Options{Now: func() time.Time { return time.Now().Add(ahead) }})
			server := fill(t, db, 0, nil)
			lease := claim(t, db, server, "a")
			if err := db.ServerLeases().Renew(t.Context(), lease, time.Now().Add(2*time.Hour)); err != nil {
				t.Error(err)
			}
			ahead = 3 * time.Hour
			if err := db.ServerLeases().Renew(t.Context(), lease, time.Now().Add(9*time.Hour)); domain.KindOf(err) != domain.KindConflict {
				t.Errorf("error %v", err)
			}
		})
	})
}

func TestBellRingsWhenServersChange(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		calls := 0
		db := open(t, dsn, database.Options{OnAppend: func() { calls++ }})
		server := fill(t, db, 0, nil)
		release := func(find func(*domain.Server)) {
			now := time.Now()
			claimed, lease, err := db.ServerLeases().Claim(t.Context(), ports.LeaseRequest{
				Node: "node", Owner: "a", ServerID: &server.ID, Now: now, Until: now.Add(time.Minute),
			})
			if err != nil {
				t.Fatal(err)
			}
			find(claimed)
			if err := db.ServerLeases().Release(t.Context(), lease, claimed); err != nil {
				t.Fatal(err)
			}
		}
		seen := func(s *domain.Server) { s.Seen(time.Now(), time.Now()) }
		failed := func(s *domain.Server) { s.Failed("refused", time.Now()) }
		for _, step := range []struct {
			what  string
			do    func()
			rings int
		}{
			{"a check that finds it well, as before", func() { release(seen) }, 0},
			{"a check that finds it ill", func() { release(failed) }, 1},
			{"another", func() { release(failed) }, 0},
			{"a check that finds it well", func() { release(seen) }, 1},
			{"a change of its settings", func() {
				if _, err := db.Servers().Update(t.Context(), server.ID, func(s *domain.Server) error {
					s.SetOnComplete(domain.OnCompleteRemove, time.Now())
					return nil
				}); err != nil {
					t.Fatal(err)
				}
			}, 1},
		} {
			calls = 0
			if step.do(); calls != step.rings {
				t.Errorf("%s: it rang %d times", step.what, calls)
			}
		}
	})
}
