// Package postgres gives each test a PostgreSQL database of its own, on a real server.
//
// The server is the one TEST_DATABASE_URL names, as `make test` sets it for all packages at once. Without it, as in a
// lone `go test ./some/package`, the first test that wants a database starts a throw-away server, which goes away with
// the test process.
package postgres

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"time"
)

// patience is how long the server may take to make or drop a database on a busy machine.
const patience = time.Minute

// URL returns the address of a fresh, empty database, which is dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	s, err := theServer()
	if err != nil {
		t.Fatalf("no PostgreSQL to test against (run make test-deps): %v", err)
	}
	return s.copyFor(t, "template0")
}

// Template returns the address of a fresh copy of a prepared database, which is dropped when the test ends. The first
// test of the process that asks for the name has prepare fill the original, given its address; prepare closes its
// connections. Its error fails every test that asks for the name.
func Template(t testing.TB, name string, prepare func(url string) error) string {
	t.Helper()
	s, err := theServer()
	if err != nil {
		t.Fatalf("no PostgreSQL to test against (run make test-deps): %v", err)
	}
	once, _ := s.templates.LoadOrStore(name, sync.OnceValues(func() (string, error) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		template, err := s.create(ctx, "template0")
		if err != nil {
			return "", err
		}
		return template, prepare(s.address(template))
	}))
	template, err := once.(func() (string, error))()
	if err != nil {
		t.Fatalf("preparing the database template %q: %v", name, err)
	}
	return s.copyFor(t, template)
}

func (s *server) copyFor(t testing.TB, template string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	database, err := s.create(ctx, template)
	if err != nil {
		t.Fatalf("creating a test database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.drop(ctx, database); err != nil {
			t.Errorf("dropping the test database: %v", err)
		}
	})
	return s.address(database)
}

func random() string { return rand.Text()[:12] }
