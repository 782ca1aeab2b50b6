package database_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

func TestAdoptionStatements(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		const many = 3000
		var count counter
		db := open(t, dsn, database.Options{Observe: count.observe})
		server := fill(t, db, 0, nil)
		clients := memory.NewTorrentClients(server.Type)
		for n := range many {
			link, err := domain.ParseMagnet(fmt.Sprintf("magnet:?xt=urn:btih:%040x", n))
			if err != nil {
				t.Fatal(err)
			}
			clients.Daemon(server.ID).AddByHand(link)
		}
		checks := &app.Checks{
			Torrents: db.Torrents(), Metainfos: db.Metainfos(), Removals: db.Removals(), Leases: db.ServerLeases(), Servers: db.Servers(), Clients: clients,
			Node: server.LocalNode, Owner: "a", Interval: time.Second, LeaseFor: time.Minute, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		}
		for again, want := range []int{2 * many / 1000, 0} {
			count.take()
			got, err := checks.Adopt(t.Context(), domain.System(), app.AdoptTorrents{ServerID: server.ID})
			if err != nil || got.Adopted+got.Known != many {
				t.Fatal(got, err)
			}
			// Each thousand is one insert of torrents and one of their events; the lease is two updates.
			operations := count.take()
			if n := strings.Count(operations, "INSERT"); n != want {
				t.Errorf("time %d: %d inserts: %s", again, n, operations)
			}
			if n := strings.Count(operations, "UPDATE"); n > 2 {
				t.Errorf("time %d: %d updates: %s", again, n, operations)
			}
		}
	})
}
