package database_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// counter takes down the operations of statements, and looks for values in them.
type counter struct {
	mu         sync.Mutex
	operations []string
	queries    string
}

func (c *counter) observe(operation, query string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.operations = append(c.operations, operation)
	c.queries += query + "\n"
}

func (c *counter) take() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := strings.Join(c.operations, " ")
	c.operations = nil
	return text
}

func TestStatements(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		var count counter
		appends := 0
		db := open(t, dsn, database.Options{Observe: count.observe, OnAppend: func() { appends++ }})
		server := fill(t, db, 100, accept)
		torrents, err := db.Torrents().Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{})
		if err != nil {
			t.Fatal(err)
		}
		var ids []uuid.UUID
		for _, torrent := range torrents {
			ids = append(ids, torrent.ID)
		}
		now := time.Now()
		_, lease, err := db.ServerLeases().Claim(t.Context(), ports.LeaseRequest{Node: "node", Owner: "a", Now: now, Until: now.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		update := func(change func(*domain.Torrent)) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				_, err := db.Torrents().Update(ctx, ids, lease, func(torrent *domain.Torrent) error {
					change(torrent)
					return nil
				})
				return err
			}
		}
		lock := ""
		if strings.HasPrefix(dsn, "postgres") {
			lock = "SELECT "
		}
		gone := map[domain.InfoHash]domain.Transfer{}
		for _, step := range []struct {
			what       string
			do         func(ctx context.Context) error
			operations string
			appends    int
		}{
			{"reading what is open", func(ctx context.Context) error {
				open, err := db.Torrents().Open(ctx, server.ID)
				if len(open) != 100 {
					t.Errorf("%d are open", len(open))
				}
				return err
			}, "SELECT", 0},
			{"reading removals", func(ctx context.Context) error {
				_, err := db.Removals().Pending(ctx, server.ID)
				return err
			}, "SELECT", 0},
			{"a page of a list", func(ctx context.Context) error {
				_, err := db.Torrents().Find(ctx, domain.TorrentFilter{ServerID: &server.ID}, domain.TorrentPage{Limit: 50})
				return err
			}, "SELECT", 0},
			{"an update that alters nothing", update(func(*domain.Torrent) {}), "BEGIN SELECT SELECT COMMIT", 0},
			{"an update without an event", update(func(torrent *domain.Torrent) {
				torrent.Observe(*server, domain.Report{Transfers: gone}, now)
			}), "BEGIN SELECT SELECT UPDATE COMMIT", 0},
			{
				"an update with events and removals", update(func(torrent *domain.Torrent) { torrent.Remove(false, now) }),
				"BEGIN SELECT SELECT UPDATE INSERT DELETE " + lock + "INSERT COMMIT", 1,
			},
			{"nothing to update", func(ctx context.Context) error {
				_, err := db.Torrents().Update(ctx, nil, nil, nil)
				return err
			}, "", 0},
			{"nothing to finish", func(ctx context.Context) error { return db.Removals().Finish(ctx, nil) }, "", 0},
			{"no server due", func(ctx context.Context) error {
				_, _, err := db.ServerLeases().Claim(ctx, ports.LeaseRequest{Node: "none", Now: now, Until: now})
				return err
			}, "BEGIN SELECT ROLLBACK", 0},
		} {
			count.take()
			appends = 0
			if err := step.do(t.Context()); err != nil {
				t.Fatal(step.what, err)
			}
			if got := count.take(); got != step.operations || appends != step.appends {
				t.Errorf("%s: %s and %d appends; want %s and %d", step.what, got, appends, step.operations, step.appends)
			}
		}
		for _, value := range []string{server.ID.String(), ids[0].String(), "'node'", "btih"} {
			if strings.Contains(count.queries, value) {
				t.Errorf("observers see %q", value)
			}
		}
	})
}

func TestAppend(t *testing.T) {
	t.Parallel()
	t.Run("readers miss no event of writers in several processes, some of whom give up", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			const writers, changes = 8, 25
			reader := open(t, dsn, database.Options{})
			processes := []*database.DB{open(t, dsn, database.Options{}), open(t, dsn, database.Options{})}
			fill(t, reader, writers, nil)
			torrents, err := reader.Torrents().Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{})
			if err != nil {
				t.Fatal(err)
			}
			var writing sync.WaitGroup
			for i := range writers {
				writing.Go(func() {
					for n := range changes {
						_, err := processes[i%2].Torrents().Update(t.Context(), []uuid.UUID{torrents[i].ID}, nil, func(torrent *domain.Torrent) error {
							_ = torrent.Rename(fmt.Sprint(n), time.Now())
							if n%5 == 4 {
								return domain.Conflict("gave up")
							}
							return nil
						})
						if (err != nil) != (n%5 == 4) {
							t.Error(err)
						}
					}
				})
			}
			written := make(chan struct{})
			go func() { writing.Wait(); close(written) }()
			seen := follow(t, reader, written)
			if want := writers + writers*changes*4/5; len(seen) != want || !slices.IsSorted(seen) || len(slices.Compact(seen)) != want {
				t.Errorf("a follower saw %d of %d events", len(seen), want)
			}
		})
	})
}

// follow reads the log from its beginning until it has seen all that came before
// done.
func follow(t *testing.T, db *database.DB, done <-chan struct{}) []domain.Cursor {
	t.Helper()
	var seen []domain.Cursor
	var cursor domain.Cursor
	for last := false; ; {
		select {
		case <-done:
			last = true
		default:
		}
		events, err := db.EventLog().After(t.Context(), ports.EventQuery{After: cursor, Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range events {
			cursor = event.Cursor
			seen = append(seen, cursor)
		}
		if last && len(events) == 0 {
			return seen
		}
	}
}
