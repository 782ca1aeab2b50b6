package bench_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/postgres"
)

// kinds of torrent that a bulk of them repeats.
const kinds = 20

// engines are the databases that figures are given for.
var engines = []string{"sqlite", "postgres"}

// bulkStore returns the address of a database of that engine with count torrents,
// most of them completed, on two servers of another node, which nobody checks. dir is
// where a product on SQLite looks for it.
func bulkStore(b *testing.B, engine, dir string, count int) string {
	b.Helper()
	dsn := filepath.Join(dir, "downloadmanager.db")
	if engine == "postgres" {
		dsn = postgres.URL(b)
	}
	db := openStore(b, dsn)
	defer func() { _ = db.Close() }()
	patterns(b, db)
	multiply(b, engine, dsn, count-kinds)
	return dsn
}

// patterns adds one torrent of each kind.
func patterns(b *testing.B, db *database.DB) {
	b.Helper()
	began := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	var servers []*domain.Server
	for n := range 2 {
		server, err := domain.NewServer("elsewhere", fmt.Sprintf("192.0.2.%d:9091", n+1), "Transmission", began)
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Servers().Add(b.Context(), server); err != nil {
			b.Fatal(err)
		}
		servers = append(servers, server)
	}
	torrents := make([]*domain.Torrent, 0, kinds)
	for n := range kinds {
		magnet, err := domain.ParseMagnet(benchMagnet(n) + "&tr=http%3A%2F%2Ftracker.example.org%3A6969%2Fannounce")
		if err != nil {
			b.Fatal(err)
		}
		t, err := domain.NewTorrent(magnet, "", *servers[n%len(servers)], nil, began)
		if err != nil {
			b.Fatal(err)
		}
		if n > 0 { // 0 is still queued
			t.AcceptedAt, t.HashString = &began, magnet.InfoHash().String()
		}
		if n > 1 { // 1 is downloading
			t.CompletedAt = &began
		}
		if n == 1 {
			t.Problem = &domain.Problem{Code: domain.ProblemLocalError, Message: "no space left on device", Since: began}
		}
		torrents = append(torrents, t)
	}
	if err := db.Torrents().Add(b.Context(), torrents...); err != nil {
		b.Fatal(err)
	}
}

// multiply adds copies of the torrents that there are, each a second younger than the
// one before, by one statement within the database.
func multiply(b *testing.B, engine, dsn string, count int) {
	b.Helper()
	driver, address := "sqlite", "file:"+dsn+"?_pragma=synchronous(OFF)&_pragma=journal_mode(WAL)"
	// What differs from copy to copy, of which n is the number; the rest is the pattern's.
	own := map[string]string{
		"id":          `printf('%08x-0000-4000-8000-%012x', n, n)`,
		"created_at":  `strftime('%Y-%m-%d %H:%M:%S', 1600000000 + n, 'unixepoch') || '+00:00'`,
		"name":        `p.name || ' of ' || n`,
		"name_folded": `p.name_folded || ' of ' || n`,
	}
	stored := `SELECT name FROM pragma_table_xinfo('torrents') WHERE hidden = 0` // not the computed ones
	series := `WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < %d)`
	if engine == "postgres" {
		driver, address = "pgx", dsn
		own["id"] = `(lpad(to_hex(n), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`
		stored = `SELECT column_name FROM information_schema.columns WHERE table_name = 'torrents' AND is_generated = 'NEVER'`
		own["created_at"] = `to_timestamp(1600000000 + n)`
		series = `WITH series AS (SELECT generate_series(1, %d) AS n)`
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1) // the temporary table is one connection's
	into, from := copiedColumns(b, db, stored, own)
	for _, statement := range []string{
		`CREATE TEMPORARY TABLE patterns AS SELECT row_number() OVER (ORDER BY id) - 1 AS position, t.* FROM torrents t`,
		fmt.Sprintf(series, count) + fmt.Sprintf(` INSERT INTO torrents (%s) SELECT %s FROM series JOIN patterns p ON p.position = n %% %d`,
			into, from, kinds),
		`ANALYZE`,
	} {
		if _, err := db.ExecContext(b.Context(), statement); err != nil {
			b.Fatalf("%v\n%s", err, statement)
		}
	}
}

// copiedColumns lists the columns of torrents that are stored, and what each is in a
// copy.
func copiedColumns(b *testing.B, db *sql.DB, stored string, own map[string]string) (into, from string) {
	b.Helper()
	rows, err := db.QueryContext(b.Context(), stored)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var names, values []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			b.Fatal(err)
		}
		value, ok := own[name]
		if !ok {
			value = `p."` + name + `"`
		}
		names, values = append(names, `"`+name+`"`), append(values, value)
	}
	if rows.Err() != nil {
		b.Fatal(rows.Err())
	}
	return strings.Join(names, ", "), strings.Join(values, ", ")
}
