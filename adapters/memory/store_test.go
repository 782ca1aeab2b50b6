package memory_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

func open(*testing.T) portstest.Store { return bundle(memory.New()) }

func bundle(store *memory.Store) portstest.Store {
	return portstest.Store{
		Torrents: store.Torrents(), TorrentCounts: store.TorrentCounts(), ServerTorrents: store.ServerTorrents(),
		Keys: store.IdempotencyKeys(), Metainfos: store.Metainfos(), Removals: store.Removals(),
		Servers: store.Servers(), ServerLoads: store.ServerLoads(), ServerLeases: store.ServerLeases(),
		EventLog: store.EventLog(), Consumers: store.Consumers(), Users: store.Users(), Tokens: store.Tokens(),
	}
}

func TestTorrentRepository(t *testing.T) { t.Parallel(); portstest.TorrentRepository(t, open) }
func TestTorrentCounts(t *testing.T)     { t.Parallel(); portstest.TorrentCounts(t, open) }
func TestServerTorrents(t *testing.T)    { t.Parallel(); portstest.ServerTorrents(t, open) }
func TestIdempotencyKeys(t *testing.T)   { t.Parallel(); portstest.IdempotencyKeys(t, open) }
func TestMetainfoRepository(t *testing.T) {
	t.Parallel()
	portstest.MetainfoRepository(t, open)
}
func TestRemovalRepository(t *testing.T) { t.Parallel(); portstest.RemovalRepository(t, open) }
func TestServerRepository(t *testing.T)  { t.Parallel(); portstest.ServerRepository(t, open) }
func TestServerLoads(t *testing.T)       { t.Parallel(); portstest.ServerLoads(t, open) }
func TestServerLeases(t *testing.T)      { t.Parallel(); portstest.ServerLeases(t, open) }
func TestEventLog(t *testing.T)          { t.Parallel(); portstest.EventLog(t, open) }
func TestConsumerRepository(t *testing.T) {
	t.Parallel()
	portstest.ConsumerRepository(t, open)
}
func TestUserRepository(t *testing.T)  { t.Parallel(); portstest.UserRepository(t, open) }
func TestTokenRepository(t *testing.T) { t.Parallel(); portstest.TokenRepository(t, open) }

func TestEventSignal(t *testing.T) {
	t.Parallel()
	portstest.EventSignal(t, func(t *testing.T) (ports.EventSignal, func()) {
		t.Helper()
		store := memory.New()
		server := addServer(t, store)
		return store.Signal(), func() { addTorrent(t, store, server) }
	})
}

func addServer(t *testing.T, store *memory.Store) *domain.Server {
	t.Helper()
	server, err := domain.NewServer("node", "http://127.0.0.1:9091", "Transmission", time.Now())
	if err == nil {
		err = store.Servers().Add(t.Context(), server)
	}
	if err != nil {
		t.Error(err)
	}
	return server
}

func addTorrent(t *testing.T, store *memory.Store, server *domain.Server) *domain.Torrent {
	t.Helper()
	magnet, err := domain.ParseMagnet("magnet:?xt=urn:btih:dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c")
	if err != nil {
		t.Error(err)
	}
	torrent, err := domain.NewTorrent(magnet, "Big Buck Bunny", *server, nil, time.Now())
	if err == nil {
		err = store.Torrents().Add(t.Context(), torrent)
	}
	if err != nil {
		t.Error(err)
	}
	return torrent
}

func TestStore(t *testing.T) {
	t.Parallel()
	t.Run("calls are counted by port and method, failed ones too", func(t *testing.T) {
		t.Parallel()
		store := memory.New()
		server := addServer(t, store)
		for range 2 {
			_, _ = store.Torrents().Open(t.Context(), server.ID)
		}
		_, _ = store.Torrents().Get(t.Context(), uuid.New())
		want := map[string]int{"ServerRepository.Add": 1, "TorrentRepository.Open": 2, "TorrentRepository.Get": 1}
		if got := store.Calls(); !maps.Equal(got, want) {
			t.Errorf("counted %v", got)
		}
		store.ResetCalls()
		if got := store.Calls(); len(got) > 0 {
			t.Errorf("counted %v after a reset", got)
		}
	})
	t.Run("the hook is called once for each transaction that appends, with nothing locked", func(t *testing.T) {
		t.Parallel()
		store := memory.New()
		server, calls := addServer(t, store), 0
		store.OnAppend = func() {
			calls++
			if _, err := store.EventLog().Newest(context.Background()); err != nil {
				t.Error(err)
			}
		}
		torrent := addTorrent(t, store, server)
		_, err := store.Torrents().Update(t.Context(), []uuid.UUID{torrent.ID}, nil, func(*domain.Torrent) error { return nil })
		if err != nil || calls != 1 {
			t.Errorf("called %d times, error %v", calls, err)
		}
	})
	t.Run("the hook is called when a check finds a server otherwise than before", func(t *testing.T) {
		t.Parallel()
		store := memory.New()
		server, calls := addServer(t, store), 0
		store.OnAppend = func() { calls++ }
		release := func(find func(*domain.Server)) {
			now := time.Now()
			claimed, lease, err := store.ServerLeases().Claim(t.Context(), ports.LeaseRequest{
				Node: "node", Owner: "a", ServerID: &server.ID, Now: now, Until: now.Add(time.Minute),
			})
			if err != nil {
				t.Fatal(err)
			}
			find(claimed)
			if err := store.ServerLeases().Release(t.Context(), lease, claimed); err != nil {
				t.Fatal(err)
			}
		}
		seen := func(s *domain.Server) { s.Seen(time.Now(), time.Now()) }
		failed := func(s *domain.Server) { s.Failed("refused", time.Now()) }
		for i, find := range []func(*domain.Server){seen, failed, failed, seen, seen} {
			release(find)
			if want := []int{0, 1, 1, 2, 2}[i]; calls != want {
				t.Errorf("after %d checks it was called %d times, want %d", i+1, calls, want)
			}
		}
	})
	t.Run("leases run out by the Store's clock", func(t *testing.T) {
		t.Parallel()
		store, now := memory.New(), time.Now()
		store.Now = func() time.Time { return now }
		server := addServer(t, store)
		claimed, lease, err := store.ServerLeases().Claim(t.Context(), ports.LeaseRequest{
			Node: "node", Owner: "a", ServerID: &server.ID, Now: now, Until: now.Add(time.Minute),
		})
		if err != nil || claimed == nil {
			t.Fatal(claimed, err)
		}
		now = now.Add(time.Minute)
		if err := store.ServerLeases().Release(t.Context(), lease, claimed); domain.KindOf(err) != domain.KindConflict {
			t.Errorf("error %v", err)
		}
	})
}
