package app_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

// feed is a server with torrents, of which some are somebody's, and those who watch
// them. Its tests run in bubbles: time passes when all wait, and what is left of
// goroutines at the end is a failure.
type feed struct {
	*lookers
	feed *app.ProgressFeed
}

func newFeed(t *testing.T) *feed {
	t.Helper()
	l := newLookers(t)
	return &feed{lookers: l, feed: &app.ProgressFeed{
		Progress: l.progress, Torrents: l.store.Torrents(), EventLog: l.store.EventLog(), Signal: l.store.Signal(),
		Log: slog.New(slog.DiscardHandler), Poll: time.Minute,
	}}
}

// watcher is somebody who watches, with what they were told last of each torrent.
type watcher struct {
	messages <-chan []*app.ProgressChange
	stop     context.CancelFunc
}

func as(actor domain.Actor) func() domain.Actor { return func() domain.Actor { return actor } }

func (f *feed) watch(t *testing.T, actor func() domain.Actor, query app.ProgressQuery) *watcher {
	t.Helper()
	if query.Every == 0 {
		query.Every = 2 * time.Second
	}
	ctx, stop := context.WithCancel(t.Context())
	messages, err := f.feed.Watch(ctx, actor, query)
	if err != nil {
		t.Fatal(err)
	}
	return &watcher{messages, stop}
}

// next returns the next message, by torrent id.
func (w *watcher) next(t *testing.T) map[uuid.UUID]*app.ProgressChange {
	t.Helper()
	message, open := <-w.messages
	if !open {
		t.Fatal("the watch has ended")
	}
	by := map[uuid.UUID]*app.ProgressChange{}
	for _, change := range message {
		by[change.TorrentID] = change
	}
	if len(by) != len(message) {
		t.Errorf("%d changes of %d torrents in one message", len(message), len(by))
	}
	return by
}

// silent fails when a message comes within d.
func (w *watcher) silent(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case message, open := <-w.messages:
		t.Errorf("got %d changes, open %v", len(message), open)
	case <-time.After(d):
	}
}

// end stops watching and waits for the end of it.
func (w *watcher) end(t *testing.T) {
	t.Helper()
	w.stop()
	for range w.messages {
		t.Error("a message after the end")
	}
}

// download makes the client have so many bytes of 100 of torrent n.
func (f *feed) download(n, done int) {
	f.clients.Daemon(f.server.ID).Download(hash(n), "x", make([]byte, done), 100)
}
