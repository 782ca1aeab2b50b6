package portstest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// morning is when things begin in the suites, with microseconds that a sloppy
// store would lose.
var morning = time.Date(2026, time.March, 4, 5, 6, 7, 123456000, time.UTC)

// after is a moment that many minutes into the day.
func after(minutes int) time.Time { return morning.Add(time.Duration(minutes) * time.Minute) }

// ptr returns a pointer to a value.
func ptr[T any](value T) *T { return &value }

// aMagnet returns a link to content that nothing else in the suites names.
func aMagnet(t *testing.T) domain.Magnet {
	t.Helper()
	hash := strings.ReplaceAll(uuid.NewString()+uuid.NewString(), "-", "")[:40]
	return parse(t, "magnet:?xt=urn:btih:"+hash+"&tr=udp%3A%2F%2Ftracker.opentrackr.org%3A1337%2Fannounce")
}

func parse(t *testing.T, text string) domain.Magnet {
	t.Helper()
	magnet, err := domain.ParseMagnet(text)
	ok(t, err)
	return magnet
}

// aServer returns a server that is not stored yet.
func aServer(t *testing.T, now time.Time) *domain.Server {
	t.Helper()
	server, err := domain.NewServer("node-a", "http://127.0.0.1:9091/transmission/rpc", "Transmission", now)
	ok(t, err)
	return server
}

// addServer stores a server as change made it.
func addServer(t *testing.T, store Store, change ...func(*domain.Server)) *domain.Server {
	t.Helper()
	server := aServer(t, morning)
	for _, alter := range change {
		alter(server)
	}
	ok(t, store.Servers.Add(t.Context(), server))
	return server
}

// aTorrent returns a torrent for server that is not stored yet.
func aTorrent(t *testing.T, server *domain.Server, now time.Time) *domain.Torrent {
	t.Helper()
	torrent, err := domain.NewTorrent(aMagnet(t), "a torrent", *server, nil, now)
	ok(t, err)
	return torrent
}

// addTorrent stores a torrent as change made it.
func addTorrent(t *testing.T, store Store, server *domain.Server, change ...func(*domain.Torrent)) *domain.Torrent {
	t.Helper()
	torrent := aTorrent(t, server, morning)
	for _, alter := range change {
		alter(torrent)
	}
	ok(t, store.Torrents.Add(t.Context(), torrent))
	return torrent
}

// update alters one stored torrent.
func update(t *testing.T, store Store, id uuid.UUID, change func(*domain.Torrent)) *domain.Torrent {
	t.Helper()
	torrents, err := store.Torrents.Update(t.Context(), []uuid.UUID{id}, nil, func(torrent *domain.Torrent) error {
		change(torrent)
		return nil
	})
	ok(t, err)
	if len(torrents) != 1 {
		t.Fatalf("updating one torrent returned %d", len(torrents))
	}
	return torrents[0]
}

// removeTorrent ends a stored torrent.
func removeTorrent(t *testing.T, store Store, id uuid.UUID) {
	t.Helper()
	update(t, store, id, func(torrent *domain.Torrent) { torrent.Remove(false, after(60)) })
}

// removeServer ends a stored server, which must hold no open torrents.
func removeServer(t *testing.T, store Store, id uuid.UUID) {
	t.Helper()
	ok(t, store.Servers.Remove(t.Context(), id, func(server *domain.Server, openTorrents int) error {
		return server.Remove(openTorrents, after(60))
	}))
}

// finished is the report of a client that has all of a torrent.
func finished(torrent *domain.Torrent) domain.Report {
	return domain.Report{Transfers: map[domain.InfoHash]domain.Transfer{
		torrent.InfoHash(): {
			InfoHash: torrent.InfoHash(), Phase: domain.PhaseSeeding,
			MetadataKnown: true, BytesWanted: 1 << 30,
		},
	}}
}

// logged returns the whole event log.
func logged(t *testing.T, store Store) []domain.Event {
	t.Helper()
	events, err := store.EventLog.After(t.Context(), ports.EventQuery{Limit: 100_000})
	ok(t, err)
	return events
}

// pending returns a server's removals.
func pending(t *testing.T, store Store, server uuid.UUID) []domain.PendingRemoval {
	t.Helper()
	removals, err := store.Removals.Pending(t.Context(), server)
	ok(t, err)
	return removals
}

// together runs n functions at once, each from the same moment on, and waits
// for all. They must not end the test themselves, but return errors.
func together(n int, do func(i int) error) []error {
	var waiting sync.WaitGroup
	start, errs := make(chan struct{}), make([]error, n)
	for i := range n {
		waiting.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	waiting.Wait()
	return errs
}

// ids returns the ids of torrents in their order.
func ids(torrents []*domain.Torrent) []uuid.UUID {
	list := make([]uuid.UUID, 0, len(torrents))
	for _, torrent := range torrents {
		list = append(list, torrent.ID)
	}
	return list
}

// kinds returns the types of events in their order, as text.
func kinds(events []domain.Event) string {
	list := make([]domain.EventType, 0, len(events))
	for _, event := range events {
		list = append(list, event.Type)
	}
	return fmt.Sprint(list)
}
