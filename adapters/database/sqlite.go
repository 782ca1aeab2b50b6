package database

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// maxSQLiteConns bounds the readers; there is one writer at a time.
const maxSQLiteConns = 8

// openSQLite returns the database and the path of its file.
func openSQLite(dsn string) (*bun.DB, string, error) {
	path, err := sqlitePath(dsn)
	if err != nil {
		return nil, "", err
	}
	if err := makePrivateFile(path); err != nil {
		return nil, "", err
	}
	// _txlock: a transaction that begins as a reader and then writes is refused
	// at once when another has written meanwhile, whatever the busy timeout.
	pool, err := sql.Open("sqlite", sqliteURI(path, url.Values{
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
		"_txlock": {"immediate"},
	}))
	if err != nil {
		return nil, "", err
	}
	limitPool(pool, maxSQLiteConns)
	return bun.NewDB(pool, sqlitedialect.New()), path, nil
}

func sqliteURI(path string, params url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + params.Encode()
}

// sqlitePath reads a DSN. Parameters are ours to choose, since the wrong ones
// lose writes.
func sqlitePath(dsn string) (string, error) {
	path := dsn
	switch {
	case strings.HasPrefix(dsn, "sqlite:"):
		path = strings.TrimPrefix(strings.TrimPrefix(dsn, "sqlite:"), "//")
	case strings.HasPrefix(dsn, "file:"):
		rest, params, _ := strings.Cut(strings.TrimPrefix(dsn, "file:"), "?")
		unescaped, err := url.PathUnescape(strings.TrimPrefix(rest, "//"))
		if err != nil || params != "" {
			return "", fmt.Errorf("database URL %q: a file: URL must be a path without parameters", dsn)
		}
		path = unescaped
	case strings.Contains(dsn, "://"):
		scheme, _, _ := strings.Cut(dsn, "://")
		return "", fmt.Errorf("database URL: unknown scheme %q; use postgres://… or sqlite:PATH", scheme)
	}
	if path == "" || strings.Contains(path, ":memory:") {
		return "", fmt.Errorf("database URL %q: SQLite needs the path of a file", dsn)
	}
	return path, nil
}

// makePrivateFile makes the file for its owner's eyes only, since it holds
// hashes of secrets; SQLite gives its companions the same mode.
func makePrivateFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator's own choice of path
	if err != nil {
		return err
	}
	return file.Close()
}
