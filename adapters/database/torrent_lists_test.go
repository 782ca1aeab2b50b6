package database_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/migrations"
)

// listIndexes are what each order is answered by.
var listIndexes = map[domain.TorrentOrderBy]string{
	domain.OrderByCreated:   "torrents_list",
	domain.OrderByCompleted: "torrents_by_completion",
	domain.OrderByName:      "torrents_by_name",
	domain.OrderByStatus:    "torrents_by_status",
}

// A page is found at its place, wherever that is: without reading what lies before
// it, and without sorting.
func TestListIndexes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		db := open(t, dsn, database.Options{})
		_, user := stock(t, db)
		server := fill(t, db, 150, accept) // few of many: else any index is as good
		// PostgreSQL analyses by itself, and nobody analyses an installation's SQLite.
		if db.Bun().Dialect().Name().String() == "pg" {
			execute(t, db, "ANALYZE")
		} else {
			execute(t, db, "DELETE FROM sqlite_stat1")
			db = open(t, dsn, database.Options{})
		}
		recording := db.Record()
		completed := server.CreatedAt.Add(time.Second)
		place := &domain.TorrentPlace{
			CreatedAt: completed, ID: uuid.New(), CompletedAt: &completed, NameFolded: "M", Status: domain.StatusDownloading,
		}
		for scope, filter := range map[string]domain.TorrentFilter{
			"": {}, "_of_user": {UserID: &user}, "_of_server": {ServerID: &server.ID},
		} {
			for by, index := range listIndexes {
				for _, page := range []domain.TorrentPage{
					{After: place}, {Before: place}, {After: place, FromEnd: true}, {Before: place, FromEnd: true},
				} {
					page.Limit = 50
					for _, ascending := range []bool{false, true} {
						page.Order = domain.TorrentOrder{By: by, Ascending: ascending}
						recording.Take()
						if _, err := db.Torrents().Find(t.Context(), filter, page); err != nil {
							t.Fatal(err)
						}
						queries := recording.Take()
						if len(queries) != 1 {
							t.Fatalf("%d statements", len(queries))
						}
						plan := explain(t, db, queries[0])
						entered := strings.Contains(plan, ",id)") || strings.Contains(plan, ", id) ")
						if index := index + scope; !entered || !strings.Contains(plan, index+" ") || strings.Contains(plan, "Sort") ||
							strings.Contains(plan, "ORDER BY") || strings.Contains(plan, "Filter: (ROW") {
							t.Errorf("%s, %+v: %s is not entered at the place:\n%s", fmt.Sprint(filter), page, index, plan)
						}
					}
				}
			}
		}
	})
}

// Few torrents are of the same content, so that these may be sorted.
func TestInfoHashIndex(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		db := open(t, dsn, database.Options{})
		stock(t, db)
		found, err := db.Torrents().Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		recording := db.Record()
		filter := domain.TorrentFilter{InfoHash: found[0].InfoHash()}
		found, err = db.Torrents().Find(t.Context(), filter, domain.TorrentPage{Limit: 50})
		if err != nil || len(found) == 0 {
			t.Fatal(len(found), err)
		}
		for _, query := range recording.Take() {
			if plan := explainWithout(t, db, query, "seqscan"); !strings.Contains(plan, "torrents_of_infohash ") {
				t.Errorf("%d of some content:\n%s", len(found), plan)
			}
		}
	})
}

func TestServerTorrentsIndexes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		db := open(t, dsn, database.Options{})
		_, user := stock(t, db)
		var servers []uuid.UUID
		for range 20 {
			servers = append(servers, fill(t, db, 20, accept).ID)
		}
		execute(t, db, "ANALYZE")
		recording := db.Record()
		for _, filter := range []domain.TorrentFilter{{}, {UserID: &user}, {ClientType: "Transmission", NameContains: "x"}} {
			page := domain.TorrentPage{Order: domain.TorrentOrder{By: domain.OrderByName}, Limit: 51}
			recording.Take()
			if _, err := db.ServerTorrents().FindOnServers(t.Context(), servers, filter, page); err != nil {
				t.Fatal(err)
			}
			queries := recording.Take()
			if len(queries) != 1 {
				t.Fatalf("%d statements: %.2000s", len(queries), strings.Join(queries, "\n"))
			}
			plan := explain(t, db, queries[0])
			if scans := strings.Count(plan, "torrents_by_name_of_"); scans != len(servers) || strings.Contains(plan, "Sort") || strings.Contains(plan, "ORDER BY") {
				t.Errorf("%+v: %d of %d pages are entered at their place:\n%s", filter, scans, len(servers), plan)
			}
		}
	})
}

func TestNamesAreFolded(t *testing.T) {
	t.Parallel()
	t.Run("names from before the column are folded by the next migration", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			db := open(t, dsn, database.Options{})
			fill(t, db, 2500, func(i int, torrent *domain.Torrent) {
				torrent.Name = fmt.Sprintf("straße ΣΊΣΥΦΟΣ ж %d", i)
				if i%10 == 0 {
					torrent.Name = ""
				}
			})
			execute(t, db, "UPDATE torrents SET name_folded = ''")
			if err := db.MigrateUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			found, err := db.Torrents().Find(t.Context(), domain.TorrentFilter{NameContains: "STRAẞE σίσυφοσ Ж"}, domain.TorrentPage{})
			if err != nil || len(found) != 2250 {
				t.Errorf("found %d, %v", len(found), err)
			}
			execute(t, db, "ANALYZE")
			recording := db.Record()
			if err := db.MigrateUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			asked := 0
			for _, query := range recording.Take() {
				if strings.Contains(query, "name_folded") {
					asked++
					if plan := explain(t, db, query); !strings.Contains(plan, "torrents_by_name") {
						t.Errorf("looking for names to fold:\n%s", plan)
					}
				}
			}
			if asked != 1 {
				t.Errorf("%d statements where nothing is to do", asked)
			}
		})
	})
}

func TestRowsSurviveTheStepForLists(t *testing.T) {
	t.Parallel()
	for name, empty := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t, empty(t), database.Options{})
			steps := migrations.Postgres()
			if name == "SQLite" {
				steps = migrations.SQLite()
			}
			for _, step := range []string{"0001_torrent_servers", "0002_torrents"} {
				text, err := fs.ReadFile(steps, step+".tx.up.sql")
				if err != nil {
					t.Fatal(err)
				}
				execute(t, db, string(text))
			}
			const at, server = "2026-03-04 05:06:07.5+00:00", "11111111-1111-4111-8111-111111111111"
			execute(t, db, `INSERT INTO torrent_servers (id, local_node, address, type, created_at, updated_at, on_complete, next_check_at)
				VALUES ('`+server+`', 'n', 'a', 'Transmission', '`+at+`', '`+at+`', 'KEEP', '`+at+`')`)
			execute(t, db, `INSERT INTO torrents (id, local_node, server_id, name, completed_at, created_at, updated_at, deleted_at, info_hash, problem_attempts, "magnetURI")
				VALUES ('22222222-2222-4222-8222-222222222222', 'n', '`+server+`', 'straße', '`+at+`', '`+at+`', '`+at+`', NULL, 'h', 0, 'magnet:'),
				('33333333-3333-4333-8333-333333333333', 'n', '`+server+`', 'straße', NULL, '`+at+`', '`+at+`', '`+at+`', 'h', 3, 'gone')`)
			if err := db.MigrateUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			found, err := db.Torrents().Find(t.Context(), domain.TorrentFilter{NameContains: "STRAẞE", Status: domain.StatusCompleted},
				domain.TorrentPage{Order: domain.TorrentOrder{By: domain.OrderByName}})
			if err != nil || len(found) != 1 || found[0].Name != "straße" || found[0].CompletedAt == nil || found[0].MagnetURI.String() != "magnet:" {
				t.Errorf("found %+v, %v", found, err)
			}
			var all int
			if err := db.Bun().NewRaw("SELECT count(*) FROM torrents WHERE problem_attempts + length(\"magnetURI\") = 7").Scan(t.Context(), &all); err != nil || all != 2 {
				t.Errorf("%d rows are there, %v", all, err)
			}
		})
	}
}

func execute(t *testing.T, db *database.DB, statement string) {
	t.Helper()
	if _, err := db.Bun().ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
