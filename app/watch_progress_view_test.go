package app_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

// What watchers get to see, as torrents come, change hands and go.
func TestProgressFeedShows(t *testing.T) {
	t.Parallel()
	me, you := member(uuid.New()), member(uuid.New())

	t.Run("a member's own only, and one that is given away disappears", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			mine := f.add(t, me, 20, f.server)
			f.lookers.check(t)
			w, yours := f.watch(t, as(me), app.ProgressQuery{}), f.watch(t, as(you), app.ProgressQuery{})
			first := w.next(t)
			if len(first) != 1 || first[mine.ID] == nil || first[mine.ID].Progress == nil {
				t.Errorf("got %+v", first)
			}
			yours.silent(t, 10*time.Second)
			if _, err := f.house.torrents.Update(t.Context(), admin(), mine.ID, app.UpdateTorrent{UserID: app.Some(&you.UserID)}); err != nil {
				t.Fatal(err)
			}
			if got := w.next(t); len(got) != 1 || got[mine.ID].Torrent != nil || got[mine.ID].Progress != nil {
				t.Errorf("got %+v", got[mine.ID])
			}
			if got := yours.next(t); len(got) != 1 || got[mine.ID].Torrent == nil {
				t.Errorf("got %+v", got)
			}
			f.download(20, 50)
			if got := yours.next(t); got[mine.ID].Progress.FractionDone() != 0.5 {
				t.Errorf("got %+v", got)
			}
			w.silent(t, time.Minute)
			w.end(t)
			yours.end(t)
		})
	})

	t.Run("nobody else's by its id", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			w := f.watch(t, as(me), app.ProgressQuery{IDs: []uuid.UUID{f.torrents[0].ID, uuid.New()}})
			f.download(0, 50)
			w.silent(t, time.Minute)
			w.end(t)
		})
	})

	t.Run("what the role allows at that moment", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			var demoted atomic.Bool
			w := f.watch(t, func() domain.Actor {
				if demoted.Load() {
					return me
				}
				return admin()
			}, app.ProgressQuery{})
			if got := w.next(t); len(got) != 5 {
				t.Errorf("got %+v", got)
			}
			demoted.Store(true)
			f.download(0, 50)
			w.silent(t, time.Minute)
			w.end(t)
		})
	})

	t.Run("a torrent that is added, one that completes, and one that is removed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			all := f.watch(t, as(admin()), app.ProgressQuery{})
			open := f.watch(t, as(admin()), app.ProgressQuery{Filter: &domain.TorrentFilter{Status: domain.StatusDownloading}})
			all.next(t)
			open.next(t)

			added := f.add(t, admin(), 30, f.server)
			if got := all.next(t); len(got) != 1 || got[added.ID].Torrent.Status() != domain.StatusQueued || got[added.ID].Progress != nil {
				t.Errorf("added: %+v", got)
			}
			f.lookers.check(t)
			sleep(5300 * time.Millisecond) // not when the server is just asked
			for _, w := range []*watcher{all, open} {
				got := w.next(t)
				if got[added.ID].Progress == nil { // the handing over was told before the client was asked
					got = w.next(t)
				}
				if got[added.ID].Torrent.Status() != domain.StatusDownloading || got[added.ID].Progress == nil {
					t.Errorf("handed over: %+v", got[added.ID])
				}
			}

			f.clients.Daemon(f.server.ID).Finish(hash(30))
			f.lookers.check(t)
			sleep(5300 * time.Millisecond) // not when the server is just asked
			if got := open.next(t)[added.ID]; got.Torrent.Status() != domain.StatusCompleted || got.Progress != nil {
				t.Errorf("completed: %+v", got)
			}
			open.silent(t, time.Minute)
			got := all.next(t)[added.ID]
			for got.Progress.Phase != domain.PhaseSeeding {
				got = all.next(t)[added.ID]
			}
			if got.Torrent.Status() != domain.StatusCompleted {
				t.Errorf("completed: %+v", got)
			}

			if _, err := f.house.torrents.Remove(t.Context(), admin(), added.ID, false); err != nil {
				t.Fatal(err)
			}
			if got := all.next(t); len(got) != 1 || got[added.ID].Torrent != nil {
				t.Errorf("removed: %+v", got[added.ID])
			}
			open.end(t)
			all.end(t)
		})
	})

	t.Run("one that its client has lost", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			w := f.watch(t, as(admin()), app.ProgressQuery{IDs: []uuid.UUID{f.torrents[0].ID}})
			w.next(t)
			f.clients.Daemon(f.server.ID).RemoveByHand(hash(0))
			if got := w.next(t); got[f.torrents[0].ID].Torrent == nil || got[f.torrents[0].ID].Progress != nil {
				t.Errorf("got %+v", got)
			}
			w.end(t)
		})
	})

	t.Run("one that moves to another server, which is asked from then on", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			other := f.house.server(t, "b")
			id := f.torrents[0].ID
			byID := f.watch(t, as(admin()), app.ProgressQuery{IDs: []uuid.UUID{id}})
			there := f.watch(t, as(admin()), app.ProgressQuery{Filter: &domain.TorrentFilter{ServerID: &other.ID}})
			byID.next(t)
			there.silent(t, 10*time.Second)
			if _, err := f.house.torrents.Update(t.Context(), admin(), id, app.UpdateTorrent{ServerID: app.Some(other.ID)}); err != nil {
				t.Fatal(err)
			}
			f.lookers.check(t)
			f.clients.Daemon(other.ID).Download(hash(0), "x", make([]byte, 7), 100)
			for _, w := range []*watcher{byID, there} {
				for {
					got := w.next(t)[id]
					if got.Progress != nil && got.Progress.BytesLeft == 93 {
						break
					}
				}
			}
			before := f.clients.Daemon(f.server.ID).Requests().Transfers
			sleep(10 * time.Second)
			if n := f.clients.Daemon(f.server.ID).Requests().Transfers - before; n != 0 {
				t.Errorf("the old server was asked %d times", n)
			}
			byID.end(t)
			there.end(t)
		})
	})
}
