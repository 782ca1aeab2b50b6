package transmission_test

import (
	"sync"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/transmission"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// fakeClock stands still until it is told to pass.
type fakeClock struct {
	mu  sync.Mutex
	now time.Time
}

func newFakeClock() *fakeClock { return &fakeClock{now: time.Now()} }

func (c *fakeClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// open opens a client of a fake that goes by this clock.
func (c *fakeClock) open(t testing.TB, f *fake) ports.TorrentClient {
	t.Helper()
	return open(t, f.URL, domain.Credentials{}, transmission.WithClock(c.Now))
}
