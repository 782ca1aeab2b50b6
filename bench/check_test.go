package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/torrentclients"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/postgres"
	"github.com/clarion-app/download-manager/internal/testkit/transmission"
)

// checkedTorrents is the size of the list in the figure.
const checkedTorrents = 10_000

// BenchmarkCheckOf10000 compares a whole check of 10,000 open torrents (claim,
// read the store, ask a real transmission-daemon, judge, release) with the bare
// request for the list, read to its end and thrown away.
func BenchmarkCheckOf10000(b *testing.B) {
	daemon := transmission.Start(b, transmission.V3)
	direct := rawOf(b, daemon)
	fillDaemon(b, direct, checkedTorrents)
	bare := measure(b, func() { bareList(b, direct) })
	bareMetric := float64(bare.Microseconds()) / 1000

	databases := map[string]string{
		"sqlite":   filepath.Join(b.TempDir(), "check.db"),
		"postgres": postgres.URL(b),
	}
	for name, dsn := range databases {
		b.Run(name, func(b *testing.B) {
			checks, server := checkedHouse(b, dsn, daemon)
			check := func() {
				results, err := checks.CheckAll(context.Background(), domain.System())
				if err != nil || len(results) != 1 || results[0].Err != nil || results[0].Open != checkedTorrents {
					b.Fatalf("check: %+v, %v", results, err)
				}
			}
			first := measure(b, func() {
				checks.Clients.Forget(server) // the first check of a process lists everything
				check()
			})
			steady := measure(b, check)
			b.ReportMetric(bareMetric, "ms/bare-list")
			b.ReportMetric(float64(steady.Microseconds())/1000, "ms/check")
			b.ReportMetric(float64(steady)/float64(bare), "check/bare-list")
			b.ReportMetric(float64(first)/float64(bare), "first-check/bare-list")
			b.ReportMetric(0, "ns/op")
		})
	}
	b.Run("the original's way", func(b *testing.B) {
		// The original fetches the full list once for each torrent; 50 are measured
		// and the rest extrapolated.
		const sample = 50
		began := time.Now()
		for range sample {
			fullObjects(b, direct)
		}
		whole := time.Since(began) * (checkedTorrents / sample)
		b.ReportMetric(whole.Seconds(), "s/check-extrapolated")
		b.ReportMetric(float64(whole)/float64(bare), "check/bare-list")
		b.ReportMetric(0, "ns/op")
	})
}

// measure returns the median of several runs.
func measure(b *testing.B, run func()) time.Duration {
	b.Helper()
	const runs = 9
	took := make([]time.Duration, runs)
	run() // warm
	for i := range took {
		began := time.Now()
		run()
		took[i] = time.Since(began)
	}
	return median(took)
}

func benchMagnet(n int) string {
	return fmt.Sprintf("magnet:?xt=urn:btih:%040x&dn=torrent+%d", n+1, n)
}

// fillDaemon adds paused magnets, so that nothing changes by itself, and waits
// until the daemon no longer calls them recently active, a minute later.
func fillDaemon(b *testing.B, r *raw, count int) {
	b.Helper()
	for n := range count {
		r.call(b, "torrent-add", map[string]any{"filename": benchMagnet(n), "paused": true})
	}
	const quiet = 1 << 10 // bytes
	until(b, 5*time.Minute, func() bool {
		return r.call(b, "torrent-get", map[string]any{"ids": "recently-active", "fields": []string{"hashString"}}) < quiet
	})
}

// bareList asks for what a check must know of every torrent, in the cheapest form
// that the daemon has.
func bareList(b *testing.B, r *raw) {
	b.Helper()
	r.call(b, "torrent-get", map[string]any{"format": "table", "fields": []string{
		"hashString", "name", "status", "metadataPercentComplete", "sizeWhenDone", "leftUntilDone", "error", "errorString", "doneDate",
	}})
}

// fullObjects is the original's request: every torrent with its usual fields, as
// objects.
func fullObjects(b *testing.B, r *raw) {
	b.Helper()
	r.call(b, "torrent-get", map[string]any{"fields": []string{
		"id", "name", "hashString", "status", "percentDone", "leftUntilDone", "error", "errorString",
	}})
}

// checkedHouse is the product's checks on a database that holds what the daemon
// holds, all of it handed over.
func checkedHouse(b *testing.B, dsn string, daemon *transmission.Daemon) (*app.Checks, uuid.UUID) {
	b.Helper()
	db := openStore(b, dsn)
	server := fillStore(b, db, daemon.Address(), checkedTorrents)
	clients := torrentclients.New(torrentclients.Config{})
	b.Cleanup(func() { _ = clients.Close() })
	checks := &app.Checks{
		Torrents: db.Torrents(), Metainfos: db.Metainfos(), Removals: db.Removals(), Leases: db.ServerLeases(), Servers: db.Servers(),
		Clients: clients, Node: "local", Owner: "bench", Interval: 10 * time.Second, LeaseFor: time.Minute,
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	for handedOver := 0; handedOver < checkedTorrents; { // one check does what it has time for
		results, err := checks.CheckAll(context.Background(), domain.System())
		if err != nil || results[0].Err != nil || results[0].HandedOver == 0 {
			b.Fatalf("handing over: %+v, %v", results, err)
		}
		handedOver += results[0].HandedOver
	}
	return checks, server
}

// post sends a JSON body with a token and returns the status.
func post(client *http.Client, url, token string, body []byte) (int, error) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}
