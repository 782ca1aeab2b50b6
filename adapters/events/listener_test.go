package events_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/clarion-app/download-manager/adapters/events"
	"github.com/clarion-app/download-manager/internal/testkit/postgres"
)

// connect returns a connection of the test's own.
func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// cut ends the connections of all listeners, as a restart of the server does.
func cut(t *testing.T, admin *pgx.Conn) {
	t.Helper()
	_, err := admin.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'downloadmanager events'`)
	if err != nil {
		t.Fatal(err)
	}
}

func TestListener(t *testing.T) {
	t.Parallel()
	t.Run("it rings once it listens, since events may have come before", func(t *testing.T) {
		t.Parallel()
		bell := events.NewBell()
		hint, stop := bell.Subscribe()
		defer stop()
		listener, err := events.ListenPostgres(t.Context(), postgres.URL(t), bell, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = listener.Close() }()
		heard(t, hint)
	})
	t.Run("it rings after a lost connection without being called", func(t *testing.T) {
		t.Parallel()
		url, bell := postgres.URL(t), events.NewBell()
		hint, stop := bell.Subscribe()
		defer stop()
		listener, err := events.ListenPostgres(t.Context(), url, bell, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = listener.Close() }()
		heard(t, hint)
		cut(t, connect(t, url))
		heard(t, hint)
	})
	t.Run("calls arrive again after connections were lost", func(t *testing.T) {
		t.Parallel()
		url := postgres.URL(t)
		admin, caller, listener := connect(t, url), listen(t, url), listen(t, url)
		hint, stop := listener.Subscribe()
		defer stop()
		caller.Ring()
		heard(t, hint)
		cut(t, admin)
		heard(t, hint) // connected again
		for range 5 {
			drain(hint)
			caller.Ring()
			heard(t, hint)
		}
	})
	t.Run("a burst of rings is few calls, and the last ring is told", func(t *testing.T) {
		t.Parallel()
		url := postgres.URL(t)
		listener, other := listen(t, url), connect(t, url)
		if _, err := other.Exec(t.Context(), "LISTEN downloadmanager_events"); err != nil {
			t.Fatal(err)
		}
		burst := time.Now()
		for range 10_000 {
			listener.Ring()
		}
		took := time.Since(burst)
		calls, silence := 0, time.Second
		for {
			waiting, cancel := context.WithTimeout(t.Context(), silence)
			_, err := other.WaitForNotification(waiting)
			cancel()
			if pgconn.Timeout(err) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			calls++
		}
		if most := 2 + int(took/(20*time.Millisecond)); calls < 1 || calls > most {
			t.Errorf("%d calls in %v, want 1 to %d", calls, took, most)
		}
	})
	t.Run("a closed listener rings in this process and may be closed again", func(t *testing.T) {
		t.Parallel()
		listener := listen(t, postgres.URL(t))
		for range 2 {
			if err := listener.Close(); err != nil {
				t.Error(err)
			}
		}
		hint, stop := listener.Subscribe()
		defer stop()
		listener.Ring()
		heard(t, hint)
	})
	t.Run("it closes while its server is gone", func(t *testing.T) {
		t.Parallel()
		url := postgres.URL(t)
		admin, listener := connect(t, url), listen(t, url)
		name := pgx.Identifier{admin.Config().Database}.Sanitize()
		if _, err := connect(t, postgres.URL(t)).Exec(t.Context(), "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false"); err != nil {
			t.Fatal(err)
		}
		cut(t, admin)
		listener.Ring()
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("a server that is not there is an error at once", func(t *testing.T) {
		t.Parallel()
		for _, url := range []string{"postgres://nobody@127.0.0.1:1/none", "postgres://%zz"} {
			if _, err := events.ListenPostgres(t.Context(), url, events.NewBell(), slog.New(slog.DiscardHandler)); err == nil {
				t.Errorf("no error for %s", url)
			}
		}
	})
}

// drain takes a hint that may be waiting.
func drain(hint <-chan struct{}) {
	select {
	case <-hint:
	default:
	}
}
