package graph_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
	"github.com/clarion-app/download-manager/ports"
)

// hesitant takes for what a subscription's answer asks as long as it is given.
type hesitant struct {
	ports.TorrentRepository
	over <-chan struct{} // the test
}

func (r hesitant) Find(ctx context.Context, filter domain.TorrentFilter, page domain.TorrentPage) ([]*domain.Torrent, error) {
	if len(filter.IDs) == 0 {
		return r.TorrentRepository.Find(ctx, filter, page)
	}
	select {
	case <-ctx.Done():
	case <-r.over: // torrents of events are asked for all, and so longer than one answer may take
	}
	return nil, context.Canceled
}

func TestAnswersOfSubscriptionsAreBoundedInTime(t *testing.T) {
	t.Parallel()
	const timeout = 200 * time.Millisecond
	d := openDoor(t, func(c *graph.Config) {
		c.Torrents.Repository, c.Limits.Timeout = hesitant{c.Torrents.Repository, t.Context().Done()}, timeout
	})
	d.addServer(t)
	c := d.connect(t, alice)
	c.subscribe(t, "1", watch, nil)
	c.subscribe(t, "q", `{ viewer { name } }`, nil) // answered when the subscription has begun
	c.next(t, "q")
	c.read(t) // complete
	for i := range 2 {
		// Waiting for an event is not what takes too long.
		quiet, cancel := context.WithTimeout(t.Context(), 2*timeout)
		<-quiet.Done()
		cancel()
		torrent := d.addTorrent(t, alice, i+1)
		d.complete(t, torrent)
		m := c.read(t)
		if m.Type != "next" {
			t.Fatalf("got %+v, %s", m, m.Payload)
		}
		answer := into[reply](t, m.Payload)
		answer.wantError(t, "UNAVAILABLE", "")
		if got := into[completed](t, answer.Data).TorrentCompleted; got.TorrentID != torrent.ID.String() || got.Torrent != nil {
			t.Errorf("got %+v", got)
		}
	}
}

// fragile panics over what a subscription's answer asks.
type fragile struct{ ports.TorrentRepository }

func (r fragile) Find(ctx context.Context, filter domain.TorrentFilter, page domain.TorrentPage) ([]*domain.Torrent, error) {
	if len(filter.IDs) > 0 {
		panic("fell over")
	}
	return r.TorrentRepository.Find(ctx, filter, page)
}

func TestAnswersOfSubscriptionsOutliveAPanic(t *testing.T) {
	t.Parallel()
	d := openDoor(t, func(c *graph.Config) { c.Torrents.Repository = fragile{c.Torrents.Repository} })
	d.addServer(t)
	c := d.connect(t, alice)
	c.subscribe(t, "1", watch, nil)
	c.subscribe(t, "q", `{ viewer { name } }`, nil) // answered when the subscription has begun
	c.next(t, "q")
	c.read(t) // complete
	d.complete(t, d.addTorrent(t, alice, 1))
	answer := into[reply](t, c.read(t).Payload)
	answer.wantError(t, "INTERNAL", "")
}

func TestQueriesThatTakeTooLongKeepWhatTheyHave(t *testing.T) {
	t.Parallel()
	d := openDoor(t, func(c *graph.Config) {
		c.Torrents.Repository, c.Limits.Timeout = slowTorrents{c.Torrents.Repository}, 20*time.Millisecond
	})
	got := d.post(t, admin, `{ viewer { name } torrent(id: "00000000-0000-4000-8000-000000000000") { id } }`, nil)
	got.wantError(t, "UNAVAILABLE", "")
	if got.status != http.StatusServiceUnavailable {
		t.Errorf("HTTP %d", got.status)
	}
	wantJSON(t, got.Data, `{"viewer":{"name":"root"},"torrent":null}`)
	d.ask(t, admin, `{ viewer { name } }`, nil)
}
