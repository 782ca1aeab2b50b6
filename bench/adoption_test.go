package bench_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/adapters/torrentclients"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/figure"
	"github.com/clarion-app/download-manager/internal/testkit/postgres"
	"github.com/clarion-app/download-manager/internal/testkit/transmission"
	"github.com/clarion-app/download-manager/ports"
)

const (
	adoptedTorrents = 5_000
	adoptionRounds  = 7
)

// BenchmarkAdoption compares the adoption of 5,000 torrents of a real
// transmission-daemon with the bare request that lists them, read to its end and thrown
// away; it tells how much of that the client's List and the inserts are, and how many
// writes it takes.
func BenchmarkAdoption(b *testing.B) {
	daemon := transmission.Start(b, transmission.V3)
	direct := rawOf(b, daemon)
	fillDaemon(b, direct, adoptedTorrents)
	for _, engine := range engines {
		b.Run(engine, func(b *testing.B) {
			clients := torrentclients.New(torrentclients.Config{})
			b.Cleanup(func() { _ = clients.Close() })
			var bares, lists, adoptions, inserts []time.Duration
			var writes int
			for round := range adoptionRounds + 1 {
				house := newAdopter(b, engine, daemon.Address(), clients)
				bare := stopwatch(func() { bareHeld(b, direct) })
				list := stopwatch(func() { house.list(b) })
				adoption := stopwatch(func() { house.adopt(b) })
				if round == 0 { // warm
					continue
				}
				bares, lists, adoptions = append(bares, bare), append(lists, list), append(adoptions, adoption)
				inserts, writes = append(inserts, house.adding.took), house.writes
			}
			bare, adoption := figure.Median(bares), figure.Median(adoptions)
			b.ReportMetric(figure.Milliseconds(bare), "ms/bare-list")
			b.ReportMetric(figure.Milliseconds(adoption), "ms/adoption")
			b.ReportMetric(figure.Milliseconds(figure.Median(inserts)), "ms/inserts")
			b.ReportMetric(float64(figure.Median(lists))/float64(bare), "list/bare-list")
			b.ReportMetric(float64(adoption)/float64(bare), "adoption/bare-list")
			b.ReportMetric(float64(writes)*1000/adoptedTorrents, "writes/1000")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// bareHeld asks for what adoption must know of every torrent, in the cheapest form
// that the daemon has.
func bareHeld(b *testing.B, r *raw) {
	b.Helper()
	r.call(b, "torrent-get", map[string]any{"format": "table", "fields": []string{
		"hashString", "id", "name", "status", "error", "errorString", "metadataPercentComplete", "sizeWhenDone", "leftUntilDone", "doneDate",
		"rateDownload", "rateUpload", "eta", "peersConnected", "uploadRatio", "uploadedEver", "magnetLink", "addedDate", "downloadDir", "labels",
	}})
}

// adopter is the product on an empty database, with a server that holds everything.
type adopter struct {
	checks *app.Checks
	server domain.Server
	adding *addingTime

	mu     sync.Mutex
	writes int
}

func newAdopter(b *testing.B, engine, address string, clients *torrentclients.Clients) *adopter {
	b.Helper()
	dsn := filepath.Join(b.TempDir(), "adoption.db")
	if engine == "postgres" {
		dsn = postgres.URL(b)
	}
	a := &adopter{}
	db, err := database.Open(b.Context(), dsn, database.Options{Observe: a.observe})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if err := db.MigrateUp(b.Context()); err != nil {
		b.Fatal(err)
	}
	server, err := domain.NewServer("local", address, "Transmission", time.Now())
	if err != nil {
		b.Fatal(err)
	}
	if err := db.Servers().Add(b.Context(), server); err != nil {
		b.Fatal(err)
	}
	a.server, a.adding, a.writes = *server, &addingTime{TorrentRepository: db.Torrents()}, 0
	a.checks = &app.Checks{
		Torrents: a.adding, Metainfos: db.Metainfos(), Removals: db.Removals(), Leases: db.ServerLeases(), Servers: db.Servers(),
		Clients: clients, Node: "local", Owner: "bench", Interval: 10 * time.Second, LeaseFor: time.Minute,
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	return a
}

// observe counts statements that write.
func (a *adopter) observe(operation, _ string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch operation {
	case "INSERT", "UPDATE", "DELETE":
		a.writes++
	}
}

// list is what the client tells, without anything made of it.
func (a *adopter) list(b *testing.B) {
	b.Helper()
	client, err := a.checks.Clients.Open(a.server)
	if err != nil {
		b.Fatal(err)
	}
	if all, err := client.List(b.Context()); err != nil || len(all) != adoptedTorrents {
		b.Fatalf("%d transfers, error %v", len(all), err)
	}
}

func (a *adopter) adopt(b *testing.B) {
	b.Helper()
	got, err := a.checks.Adopt(b.Context(), domain.System(), app.AdoptTorrents{ServerID: a.server.ID})
	if err != nil || got.Adopted != adoptedTorrents {
		b.Fatalf("adopted %+v, error %v", got, err)
	}
}

// addingTime takes the time of adding.
type addingTime struct {
	ports.TorrentRepository

	took time.Duration
}

// Add implements ports.TorrentRepository.
func (a *addingTime) Add(ctx context.Context, torrents ...*domain.Torrent) error {
	began := time.Now()
	defer func() { a.took += time.Since(began) }()
	return a.TorrentRepository.Add(ctx, torrents...)
}

func stopwatch(do func()) time.Duration {
	began := time.Now()
	do()
	return time.Since(began)
}
