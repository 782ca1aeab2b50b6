package app_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// countedReads counts how often the open torrents of a server are read.
type countedReads struct {
	ports.TorrentRepository

	reads atomic.Int64
}

func (c *countedReads) Open(ctx context.Context, serverID uuid.UUID) ([]domain.OpenTorrent, error) {
	c.reads.Add(1)
	return c.TorrentRepository.Open(ctx, serverID)
}

func TestNoTorrentsAreReadForAServerThatStillDoesNotAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	h.add(t, admin(), 1, s)
	h.check(t)
	counted := &countedReads{TorrentRepository: h.checks.Torrents}
	h.checks.Torrents = counted
	daemon := h.clients.Daemon(s.ID)
	daemon.Fail(domain.Unavailable(nil, "connection refused"))
	for range 3 {
		h.pass(time.Minute)
		if got := h.check(t)[s.ID]; got.Err == nil || got.Server.Health.Reachable() {
			t.Fatalf("%+v", got)
		}
	}
	if n := counted.reads.Load(); n != 1 {
		t.Errorf("read %d times, where only the first check did not know", n)
	}
	daemon.Fail(nil)
	h.pass(time.Minute)
	if got := h.check(t)[s.ID]; got.Err != nil || got.Open != 1 || !got.Server.Health.Reachable() {
		t.Errorf("when it answers again: %+v", got)
	}
}
