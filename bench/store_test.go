package bench_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/domain"
)

// openStore opens the product's own database, made if need be; closing it twice
// is fine.
func openStore(b *testing.B, dsn string) *database.DB {
	b.Helper()
	db, err := database.Open(b.Context(), dsn, database.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if err := db.MigrateUp(b.Context()); err != nil {
		b.Fatal(err)
	}
	return db
}

// fillStore adds a Transmission server and open torrents on it, one for each of
// the first benchMagnets, and returns the server's id.
func fillStore(b *testing.B, db *database.DB, address string, count int) uuid.UUID {
	b.Helper()
	server, err := domain.NewServer("local", address, "Transmission", time.Now())
	if err != nil {
		b.Fatal(err)
	}
	if err := db.Servers().Add(b.Context(), server); err != nil {
		b.Fatal(err)
	}
	torrents := make([]*domain.Torrent, 0, count)
	for n := range count {
		magnet, err := domain.ParseMagnet(benchMagnet(n))
		if err != nil {
			b.Fatal(err)
		}
		torrent, err := domain.NewTorrent(magnet, "", *server, nil, time.Now())
		if err != nil {
			b.Fatal(err)
		}
		torrents = append(torrents, torrent)
	}
	if err := db.Torrents().Add(b.Context(), torrents...); err != nil {
		b.Fatal(err)
	}
	return server.ID
}
