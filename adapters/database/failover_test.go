package database_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// checksOn are the checks of a process that uses db.
func checksOn(db *database.DB, clients ports.TorrentClients, owner string) *app.Checks {
	return &app.Checks{
		Torrents: db.Torrents(), Metainfos: db.Metainfos(), Removals: db.Removals(), Leases: db.ServerLeases(), Servers: db.Servers(),
		Clients: clients,
		Loads:   db.ServerLoads(), Failover: time.Millisecond,
		Node: "node", Owner: owner, Interval: time.Minute, LeaseFor: time.Minute, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
}

func TestFailoverAcrossProcesses(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		const waiting = 150 // two transactions
		clients := memory.NewTorrentClients()
		processes := []*app.Checks{}
		for i := range 2 {
			processes = append(processes, checksOn(open(t, dsn, database.Options{}), clients, fmt.Sprint(i)))
		}
		db := open(t, dsn, database.Options{})
		server := func() *domain.Server {
			t.Helper()
			s, err := domain.NewServer("node", "127.0.0.1:9091", memory.TorrentClientType, time.Now())
			if err == nil {
				err = db.Servers().Add(t.Context(), s)
			}
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		check := func(checks *app.Checks, s *domain.Server) app.ServerCheck {
			t.Helper()
			results, err := checks.CheckAll(t.Context(), domain.System(), s.ID)
			if err != nil {
				t.Error(err)
				return app.ServerCheck{}
			}
			return results[0]
		}
		from, to := server(), server()
		torrents := torrentsOn(db)
		add := func(n int) app.AddTorrent {
			return app.AddTorrent{MagnetURI: fmt.Sprintf("magnet:?xt=urn:btih:%040x", n), ServerID: &from.ID}
		}
		begun, err := torrents.Add(t.Context(), domain.System(), add(waiting))
		if err != nil {
			t.Fatal(err)
		}
		check(processes[0], from)
		check(processes[0], to)
		clients.Daemon(from.ID).Fail(domain.Unavailable(nil, "connection refused"))
		check(processes[0], from)
		var inputs []app.AddTorrent
		for n := range waiting {
			inputs = append(inputs, add(n))
		}
		if _, err := torrents.AddAll(t.Context(), domain.System(), inputs, false); err != nil {
			t.Fatal(err)
		}
		moved := 0
		var mu sync.Mutex
		var checking sync.WaitGroup
		for range 3 {
			for _, process := range processes {
				checking.Go(func() {
					result := check(process, from)
					mu.Lock()
					defer mu.Unlock()
					moved += result.FailedOver
				})
			}
		}
		checking.Wait()
		if moved == 0 { // all who checked first did so within the millisecond
			moved = check(processes[0], from).FailedOver
		}
		events, err := db.EventLog().After(t.Context(), ports.EventQuery{
			Limit: 1000, Filter: domain.EventFilter{Types: []domain.EventType{domain.EventChanged}},
		})
		if err != nil {
			t.Fatal(err)
		}
		times := map[uuid.UUID]int{}
		for _, event := range events {
			if event.ServerID == to.ID {
				times[event.TorrentID]++
			}
		}
		if moved != waiting || len(times) != waiting || times[begun.ID] != 0 {
			t.Errorf("%d moved, by %d events", moved, len(times))
		}
		for id, n := range times {
			if n != 1 {
				t.Errorf("torrent %s moved %d times", id, n)
			}
		}
		if result := check(processes[1], to); result.HandedOver != waiting {
			t.Errorf("%+v", result)
		}
		clients.Daemon(from.ID).Fail(nil)
		if result := check(processes[1], from); result.Removed != waiting || result.Err != nil || len(clients.Daemon(from.ID).Hashes()) != 1 {
			t.Errorf("%+v", result)
		}
	})
}
