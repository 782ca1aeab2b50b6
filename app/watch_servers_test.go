package app_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

func (h *house) serverFeed() *app.ServerFeed {
	return &app.ServerFeed{
		Servers: h.store.Servers(), Signal: h.store.Signal(), Log: slog.New(slog.DiscardHandler), Poll: time.Minute,
	}
}

func watchServers(t *testing.T, feed *app.ServerFeed, ids ...uuid.UUID) (changes <-chan domain.Server, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	changes, err := feed.Watch(ctx, member(uuid.New()), ids)
	if err != nil {
		t.Fatal(err)
	}
	return changes, func() {
		cancel()
		for range changes {
			t.Error("a change after the end")
		}
	}
}

func TestServerFeed(t *testing.T) {
	t.Parallel()

	t.Run("tells of what changes, at once, and of nothing else", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t)
			a := h.server(t, "a")
			h.check(t)
			feed := h.serverFeed()
			changes, stop := watchServers(t, feed)
			others, stopOthers := watchServers(t, feed, uuid.New())
			began := time.Now()
			want := func(what string, id uuid.UUID, reachable bool) {
				t.Helper()
				synctest.Wait()
				select {
				case server := <-changes:
					if server.ID != id || server.Health.Reachable() != reachable {
						t.Errorf("%s: %+v", what, server)
					}
				default:
					t.Error(what, "is not told")
				}
				synctest.Wait()
				select {
				case server := <-changes:
					t.Errorf("%s is told twice: %+v", what, server)
				default:
				}
			}
			for range 2 { // every check changes when it was seen, which is no news
				h.pass(time.Minute)
				h.check(t)
			}
			daemon := h.clients.Daemon(a.ID)
			daemon.Fail(domain.Unavailable(errors.New("refused"), "does not answer"))
			for range 3 { // nor is another attempt
				h.pass(time.Minute)
				h.check(t)
			}
			want("its silence", a.ID, false)
			daemon.Fail(domain.Unavailable(errors.New("401"), "wants another password"))
			h.pass(time.Minute)
			h.check(t)
			want("another reason", a.ID, false)
			daemon.Fail(nil)
			h.pass(time.Minute)
			h.check(t)
			want("its return", a.ID, true)
			h.pass(time.Minute)
			if _, err := h.servers.Update(t.Context(), admin(), a.ID, app.ServerSettings{OnComplete: app.Some(domain.OnCompleteRemove)}); err != nil {
				t.Fatal(err)
			}
			want("a setting", a.ID, true)
			b := h.server(t, "b")
			want("a new server", b.ID, true)
			if took := time.Since(began); took != 0 {
				t.Errorf("it took %v, which is not at once", took)
			}
			select {
			case server := <-others:
				t.Errorf("who asked for another server is told of %+v", server)
			default:
			}
			stop()
			stopOthers()
		})
	})

	t.Run("reads the servers once for all who watch, and not at all when nobody does", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t)
			feed := h.serverFeed()
			var stops []func()
			for range 100 {
				_, stop := watchServers(t, feed)
				stops = append(stops, stop)
			}
			h.store.ResetCalls()
			sleep(10*time.Minute + time.Second)
			if n := h.store.Calls()["ServerRepository.Find"]; n != 10 {
				t.Errorf("%d queries in ten intervals", n)
			}
			for _, stop := range stops {
				stop()
			}
			h.store.ResetCalls()
			sleep(10 * time.Minute)
			if n := h.store.Calls()["ServerRepository.Find"]; n != 0 {
				t.Errorf("%d queries for nobody", n)
			}
		})
	})

	t.Run("merges what one who does not read has missed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t)
			a := h.server(t, "a")
			changes, stop := watchServers(t, h.serverFeed())
			for i := range 11 {
				h.clients.Daemon(a.ID).Fail(nil)
				if i%2 == 0 {
					h.clients.Daemon(a.ID).Fail(domain.Unavailable(errors.New("refused"), "does not answer"))
				}
				h.pass(time.Minute)
				h.check(t)
				synctest.Wait()
			}
			<-changes // which was ready
			if server := <-changes; server.Health.Reachable() {
				t.Error("it is told how the server was, not how it is")
			}
			synctest.Wait()
			select {
			case server := <-changes:
				t.Errorf("then %+v", server)
			default:
			}
			stop()
		})
	})

	t.Run("a failure to read is told to who begins, and the next one begins anew", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		feed := h.serverFeed()
		_, err := feed.Watch(t.Context(), admin(), []uuid.UUID{})
		wantKind(t, err, domain.KindInvalid, "ids")
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := feed.Watch(ended, admin(), nil); err == nil {
			_, stop := watchServers(t, feed)
			stop()
		}
		_, stop := watchServers(t, feed)
		stop()
	})
}
