package app_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

func TestProgressFeed(t *testing.T) {
	t.Parallel()

	t.Run("tells all that fits at first, and then only what has changed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			f.download(0, 10)
			w := f.watch(t, as(admin()), app.ProgressQuery{})
			first := w.next(t)
			if len(first) != 5 || first[f.torrents[0].ID].Progress.FractionDone() != 0.1 || first[f.torrents[1].ID].Torrent.ID != f.torrents[1].ID {
				t.Errorf("got %+v", first)
			}
			w.silent(t, time.Minute+300*time.Millisecond) // not when the server is just asked
			f.download(0, 20)
			f.download(3, 20)
			if got := w.next(t); len(got) != 2 || got[f.torrents[3].ID].Progress.BytesLeft != 80 {
				t.Errorf("got %+v", got)
			}
			w.end(t)
		})
	})

	t.Run("who comes while a server is being asked waits for that answer, and not for the next", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			daemon := f.clients.Daemon(f.server.ID)
			daemon.Block()
			query := app.ProgressQuery{Every: time.Minute}
			first := f.watch(t, as(admin()), query)
			synctest.Wait() // until the server is being asked
			second := f.watch(t, as(admin()), query)
			began := time.Now()
			daemon.Unblock()
			if len(first.next(t)) != 5 || len(second.next(t)) != 5 || time.Since(began) >= query.Every {
				t.Errorf("told after %v", time.Since(began))
			}
			f.wantRequests(t, 1)
			first.end(t)
			second.end(t)
		})
	})

	t.Run("asks each server once per interval however many watch, and not at all when nobody does", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			sleep(time.Minute)
			f.wantRequests(t, 0)
			watchers := make([]*watcher, 100)
			for i := range watchers {
				query := app.ProgressQuery{Filter: &domain.TorrentFilter{ServerID: &f.server.ID}}
				if i%2 == 0 {
					query = app.ProgressQuery{IDs: []uuid.UUID{f.torrents[i%5].ID}}
				}
				watchers[i] = f.watch(t, as(admin()), query)
			}
			for _, w := range watchers {
				w.next(t)
			}
			synctest.Wait()
			f.store.ResetCalls()
			joining := f.clients.Daemon(f.server.ID).Requests().Transfers - f.before // more than one for those who come first
			sleep(20*time.Second + 10*time.Millisecond)
			f.wantRequests(t, joining+10)
			if joining > 5 {
				t.Errorf("%d requests while they came", joining)
			}
			if calls := f.store.Calls(); calls["TorrentRepository.Find"] != 0 || calls["ServerRepository.Find"] != 10 {
				t.Errorf("the store was asked %v", calls)
			}
			for _, w := range watchers {
				w.end(t)
			}
			sleep(time.Minute)
			f.wantRequests(t, joining+10)
		})
	})

	t.Run("asks as often as the keenest wants, and tells each at its own pace", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			lazy := f.watch(t, as(admin()), app.ProgressQuery{Every: 10 * time.Second})
			lazy.next(t)
			keen := f.watch(t, as(admin()), app.ProgressQuery{Every: time.Second})
			keen.next(t)
			began := time.Now()
			for i := range 5 {
				f.download(0, i+1)
				if got := keen.next(t); len(got) != 1 || got[f.torrents[0].ID].Progress.BytesLeft != int64(99-i) {
					t.Errorf("got %+v", got)
				}
			}
			if took := time.Since(began); took < 4*time.Second || took > 7*time.Second {
				t.Errorf("five messages took %v", took)
			}
			if got := lazy.next(t); len(got) != 1 || got[f.torrents[0].ID].Progress.BytesLeft != 95 {
				t.Errorf("got %+v", got) // the latest alone
			}
			if took := time.Since(began); took < 8*time.Second || took > 11*time.Second {
				t.Errorf("it was told after %v", took)
			}
			keen.end(t)
			before := f.clients.Daemon(f.server.ID).Requests().Transfers
			lazy.silent(t, 31*time.Second)
			if n := f.clients.Daemon(f.server.ID).Requests().Transfers - before; n < 2 || n > 4 {
				t.Errorf("%d requests in half a minute for one who wants one in 10 s", n)
			}
			lazy.end(t)
		})
	})

	t.Run("shares requests with those who look", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			w := f.watch(t, as(admin()), app.ProgressQuery{})
			w.next(t)
			if f.look(t.Context(), t, 0, 1, 2) != 3 {
				t.Error("torrents are missing")
			}
			f.wantRequests(t, 1)
			w.end(t)
		})
	})

	t.Run("merges what one who does not read has missed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			slow, keen := f.watch(t, as(admin()), app.ProgressQuery{}), f.watch(t, as(admin()), app.ProgressQuery{})
			keen.next(t)
			slow.next(t)
			for i := range 50 {
				f.download(i%2, i)
				keen.next(t)
			}
			slow.next(t) // which was ready when it stopped reading
			if got := slow.next(t); len(got) != 2 || got[f.torrents[1].ID].Progress.BytesLeft != 51 {
				t.Errorf("got %+v", got)
			}
			slow.end(t)
			keen.end(t)
		})
	})

	t.Run("a server that hangs makes progress null within the patience, and comes back", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			daemon := f.clients.Daemon(f.server.ID)
			daemon.Block()
			began := time.Now()
			w := f.watch(t, as(admin()), app.ProgressQuery{})
			first := w.next(t)
			if took := time.Since(began); len(first) != 5 || first[f.torrents[0].ID].Progress != nil || took > f.progress.Patience {
				t.Errorf("after %v: %+v", took, first)
			}
			daemon.Unblock()
			if got := w.next(t); len(got) != 5 || got[f.torrents[0].ID].Progress == nil {
				t.Errorf("got %+v", got)
			}
			daemon.Fail(domain.Unavailable(errors.New("refused"), "does not answer"))
			if got := w.next(t); len(got) != 5 || got[f.torrents[0].ID].Progress != nil {
				t.Errorf("got %+v", got)
			}
			w.silent(t, time.Minute)
			daemon.Block() // leaving does not wait for it
			sleep(2 * time.Second)
			w.end(t)
		})
	})

	t.Run("servers of other nodes are not asked", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			f.progress.Node = "another"
			w := f.watch(t, as(admin()), app.ProgressQuery{})
			if first := w.next(t); len(first) != 5 || first[f.torrents[0].ID].Progress != nil {
				t.Errorf("got %+v", first)
			}
			w.silent(t, time.Minute)
			f.wantRequests(t, 0)
			w.end(t)
		})
	})

	t.Run("the first messages are cut, and together have everything", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			for n := range 1100 {
				f.add(t, admin(), 100+n, f.server)
			}
			f.lookers.check(t)
			w := f.watch(t, as(admin()), app.ProgressQuery{Filter: &domain.TorrentFilter{}})
			began, seen := time.Now(), map[uuid.UUID]bool{}
			for range 3 {
				message := w.next(t)
				if len(message) > 500 {
					t.Errorf("%d changes in one message", len(message))
				}
				for id := range message {
					seen[id] = true
				}
			}
			if took := time.Since(began); len(seen) != 1105 || took > time.Second {
				t.Errorf("%d torrents after %v", len(seen), took)
			}
			w.end(t)
		})
	})

	t.Run("watchers come and go, and nothing is left of them", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			var wait sync.WaitGroup
			for i := range 50 {
				wait.Go(func() {
					for round := range 5 {
						query := app.ProgressQuery{IDs: []uuid.UUID{f.torrents[(i+round)%5].ID}}
						if i%3 == 0 {
							query = app.ProgressQuery{Filter: &domain.TorrentFilter{Status: domain.StatusDownloading}}
						}
						w := f.watch(t, as(admin()), query)
						if i%4 > 0 {
							w.next(t)
						}
						sleep(time.Duration(i*round) * 10 * time.Millisecond)
						w.stop()
						for range w.messages {
						}
					}
				})
			}
			wait.Wait()
			if f.feed.Watched() != 0 {
				t.Error("torrents are still held")
			}
		})
	})
}

func TestProgressFeedIsBounded(t *testing.T) {
	t.Parallel()

	t.Run("in the torrents that it holds", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			f.feed.Most = 4
			w := f.watch(t, as(admin()), app.ProgressQuery{IDs: []uuid.UUID{f.torrents[0].ID}})
			w.next(t)
			_, err := f.feed.Watch(t.Context(), as(admin()), app.ProgressQuery{Every: time.Second})
			wantKind(t, err, domain.KindInvalid, "filter")
			f.download(0, 10) // which disturbs nobody else
			w.next(t)
			w.end(t)
		})
	})

	t.Run("in what it keeps for one who does not read, and who is sent away", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFeed(t)
			w, stuck := f.watch(t, as(admin()), app.ProgressQuery{}), f.watch(t, as(admin()), app.ProgressQuery{})
			stuck.next(t)
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				for range w.messages {
				}
			}()
			var ids []uuid.UUID
			for n := range 200 {
				ids = append(ids, f.add(t, admin(), 100+n, f.server).ID)
			}
			for round := range 115 {
				if _, err := f.store.Torrents().Update(t.Context(), ids, nil, func(torrent *domain.Torrent) error {
					return torrent.Rename(fmt.Sprint("round ", round), time.Now())
				}); err != nil {
					t.Fatal(err)
				}
				sleep(3 * time.Second)
			}
			for messages := 0; ; messages++ {
				if _, open := <-stuck.messages; !open {
					break
				}
				if messages > 1 {
					t.Fatal("it is told further, although it has missed what left its view")
				}
			}
			w.stop()
			<-gone
		})
	})
}

func TestProgressQueryIsChecked(t *testing.T) {
	t.Parallel()
	f := newFeed(t)
	for field, queries := range map[string][]app.ProgressQuery{
		"every":  {{Every: 0}, {Every: 999 * time.Millisecond}, {Every: time.Minute + 1}, {Every: -time.Second}},
		"ids":    {{Every: time.Second, IDs: []uuid.UUID{}}, {Every: time.Second, IDs: make([]uuid.UUID, 501)}},
		"filter": {{Every: time.Second, IDs: make([]uuid.UUID, 1), Filter: &domain.TorrentFilter{}}},
	} {
		for _, query := range queries {
			_, err := f.feed.Watch(t.Context(), as(admin()), query)
			wantKind(t, err, domain.KindInvalid, field)
		}
	}
}
