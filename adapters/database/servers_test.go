package database_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/domain"
)

// secretServer stores a server with a password.
func secretServer(t *testing.T, db *database.DB) *domain.Server {
	t.Helper()
	server, err := domain.NewServer("node", "http://someone:hunter2@127.0.0.1:9091", "Transmission", time.Now())
	if err == nil {
		err = db.Servers().Add(t.Context(), server)
	}
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// credentials reads a column as it lies in the database.
func credentials(t *testing.T, db *database.DB, server *domain.Server) []byte {
	t.Helper()
	var sealed []byte
	err := db.Bun().NewRaw("SELECT credentials FROM torrent_servers WHERE id = ?", server.ID).Scan(t.Context(), &sealed)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	t.Run("they are encrypted where they rest, each time differently", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			db := open(t, dsn, database.Options{})
			server := secretServer(t, db)
			first := credentials(t, db, server)
			if len(first) == 0 || bytes.Contains(first, []byte("hunter2")) || bytes.Contains(first, []byte("someone")) {
				t.Errorf("stored as %q", first)
			}
			for _, change := range []domain.Credentials{{Username: "a"}, server.Credentials} {
				if _, err := db.Servers().Update(t.Context(), server.ID, func(s *domain.Server) error {
					s.Authenticate(change, time.Now())
					return nil
				}); err != nil {
					t.Fatal(err)
				}
			}
			if bytes.Equal(first, credentials(t, db, server)) {
				t.Error("the same password looks the same twice")
			}
		})
	})
	t.Run("under another key a server is shown without them, and they stay until they are replaced", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			db := open(t, dsn, database.Options{})
			server := secretServer(t, db)
			var log bytes.Buffer
			other := open(t, dsn, database.Options{SecretKey: [32]byte{9}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			got, err := other.Servers().Update(t.Context(), server.ID, func(s *domain.Server) error {
				s.SetOnComplete(domain.OnCompleteRemove, time.Now())
				return nil
			})
			if err != nil || !got.Credentials.IsZero() {
				t.Errorf("got %v, %v", got.Credentials, err)
			}
			if text := log.String(); !strings.Contains(text, server.ID.String()) || strings.Contains(text, "hunter2") {
				t.Errorf("logged %q", text)
			}
			back, err := db.Servers().Get(t.Context(), server.ID)
			if err != nil || back.Credentials != server.Credentials || back.OnComplete != domain.OnCompleteRemove {
				t.Errorf("back with %q, %v", back.Credentials.Password, err)
			}
		})
	})
	t.Run("those of another server, or damaged ones, do not open", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			db := open(t, dsn, database.Options{})
			server, other := secretServer(t, db), secretServer(t, db)
			whole := credentials(t, db, server)
			damaged := bytes.Clone(whole)
			damaged[len(damaged)-1] ^= 1
			for name, stored := range map[string][]byte{
				"another's": whole, "damaged": damaged, "short": whole[:5], "of another version": append([]byte{2}, whole[1:]...),
			} {
				if _, err := db.Bun().NewRaw("UPDATE torrent_servers SET credentials = ? WHERE id = ?", stored, other.ID).Exec(t.Context()); err != nil {
					t.Fatal(err)
				}
				got, err := db.Servers().Get(t.Context(), other.ID)
				if err != nil || !got.Credentials.IsZero() {
					t.Errorf("%s: got %q, %v", name, got.Credentials.Password, err)
				}
			}
		})
	})
	t.Run("bytes that are no text come back", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			db := open(t, dsn, database.Options{})
			server := secretServer(t, db)
			want := domain.Credentials{Username: "p\xe4ss", Password: "\x00\xff"}
			if _, err := db.Servers().Update(t.Context(), server.ID, func(s *domain.Server) error {
				s.Authenticate(want, time.Now())
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			got, err := db.Servers().Get(t.Context(), server.ID)
			if err != nil || got.Credentials != want {
				t.Errorf("got %q, %v", got.Credentials.Password, err)
			}
		})
	})
}
