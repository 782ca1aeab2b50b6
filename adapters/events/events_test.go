package events_test

import (
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/clarion-app/download-manager/adapters/events"
	"github.com/clarion-app/download-manager/internal/testkit/postgres"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEventSignal(t *testing.T) {
	t.Parallel()
	t.Run("Bell", func(t *testing.T) {
		t.Parallel()
		portstest.EventSignal(t, func(*testing.T) (ports.EventSignal, func()) {
			bell := events.NewBell()
			return bell, bell.Ring
		})
	})
	t.Run("Listener", func(t *testing.T) {
		t.Parallel()
		portstest.EventSignal(t, func(t *testing.T) (ports.EventSignal, func()) {
			t.Helper()
			listener := listen(t, postgres.URL(t))
			return listener, listener.Ring
		})
	})
	t.Run("Listener of another process", func(t *testing.T) {
		t.Parallel()
		portstest.EventSignal(t, func(t *testing.T) (ports.EventSignal, func()) {
			t.Helper()
			url := postgres.URL(t)
			return listen(t, url), listen(t, url).Ring
		})
	})
}

// listen starts a listener that is closed when the test ends.
func listen(t *testing.T, url string) *events.Listener {
	t.Helper()
	listener, err := events.ListenPostgres(t.Context(), url, events.NewBell(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	})
	return listener
}

// heard waits for a hint.
func heard(t *testing.T, hint <-chan struct{}) {
	t.Helper()
	select {
	case <-hint:
	case <-time.After(10 * time.Second):
		t.Fatal("no hint came")
	}
}
