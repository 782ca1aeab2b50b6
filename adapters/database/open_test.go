package database_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/domain"
)

// soon is a context that ends in a moment.
func soon(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), 100*time.Millisecond)
}

func TestOpen(t *testing.T) {
	t.Parallel()
	t.Run("a SQLite file is named in every usual way, made with its folder, and private", func(t *testing.T) {
		t.Parallel()
		for i, dsn := range []string{"%s", "sqlite:%s", "sqlite://%s", "file:%s", "file://%s"} {
			path := filepath.Join(t.TempDir(), fmt.Sprint("new folder ", i), "a ü #&.db")
			db := open(t, fmt.Sprintf(dsn, path), database.Options{})
			if err := db.MigrateUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			file, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if file.Size() == 0 || file.Mode().Perm() != 0o600 {
				t.Errorf("%s: %d bytes, mode %v", dsn, file.Size(), file.Mode())
			}
		}
	})
	t.Run("a file whose name has a question mark or a per cent sign is that file", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "a?b=c%20d.db")
		if err := open(t, "sqlite:"+path, database.Options{}).MigrateUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if file, err := os.Stat(path); err != nil || file.Size() == 0 {
			t.Error(file, err)
		}
	})
	t.Run("what cannot be opened is an error that keeps the password to itself", func(t *testing.T) {
		t.Parallel()
		for _, dsn := range []string{
			"", "sqlite:", "sqlite::memory:", "file::memory:?cache=shared", "file:x.db?mode=ro", "mysql://root:hunter2@host/db",
			"postgres://user:hunter2@127.0.0.1:1/db", "postgres://user:hunter2@[::1/db",
		} {
			db, err := database.Open(t.Context(), dsn, database.Options{})
			if err == nil {
				t.Errorf("%q was opened", dsn)
				_ = db.Close()
				continue
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q: %v", dsn, err)
			}
		}
	})
	t.Run("a database that is not there is unavailable", func(t *testing.T) {
		t.Parallel()
		_, err := database.Open(t.Context(), "postgres://user@127.0.0.1:1/db", database.Options{})
		if domain.KindOf(err) != domain.KindUnavailable {
			t.Errorf("error %v", err)
		}
	})
	t.Run("closing twice is fine", func(t *testing.T) {
		t.Parallel()
		db := open(t, databases["SQLite"](t), database.Options{})
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("SQLite refuses a torrent of an unknown server by itself", func(t *testing.T) {
		t.Parallel()
		db := open(t, migrated["SQLite"](t), database.Options{})
		_, err := db.Bun().ExecContext(t.Context(), `INSERT INTO torrents (id, local_node, server_id, created_at, updated_at, info_hash, "magnetURI")
			VALUES ('a', 'n', 'b', '', '', '', '')`)
		if err == nil || !strings.Contains(err.Error(), "FOREIGN KEY") {
			t.Errorf("error %v", err)
		}
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	t.Run("a long query that is given up ends at once, as the context says", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			db := open(t, dsn, database.Options{})
			ctx, cancel := soon(t)
			defer cancel()
			var n int
			err := db.Bun().NewRaw(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)
				SELECT count(*) FROM n`).Scan(ctx, &n)
			if err = database.Translate(ctx, err); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v", err)
			}
		})
	})
	onBoth(t, func(t *testing.T, dsn string) {
		db, other := open(t, dsn, database.Options{}), open(t, dsn, database.Options{})
		server := fill(t, db, 0, nil)
		// a writer that holds the server while others lose their patience
		holding, release := make(chan struct{}), make(chan struct{})
		held := make(chan error, 1)
		go func() {
			_, err := db.Servers().Update(context.WithoutCancel(t.Context()), server.ID, func(*domain.Server) error {
				close(holding)
				<-release
				return nil
			})
			held <- err
		}()
		<-holding
		for name, waiting := range map[string]*database.DB{"the same process": db, "another process": other} {
			began := time.Now()
			ctx, cancel := soon(t)
			_, err := waiting.Servers().Update(ctx, server.ID, func(*domain.Server) error { return nil })
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 4*time.Second {
				t.Errorf("waiting for %s in vain is %v, after %v", name, err, time.Since(began))
			}
		}
		close(release)
		if err := <-held; err != nil {
			t.Error(err)
		}
		for _, process := range []*database.DB{db, other} {
			if _, err := process.Servers().Get(t.Context(), server.ID); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		}
	})
}
