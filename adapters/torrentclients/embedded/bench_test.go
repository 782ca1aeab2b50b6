package embedded_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/clarion-app/download-manager/adapters/torrentclients/embedded"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/figure"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports/portstest"
)

// BenchmarkTransfers compares a check of 5,000 paused magnets with the engine's own
// listing of everything: there is no daemon, so there are no requests, and no other
// program could tell of them sooner.
func BenchmarkTransfers(b *testing.B) {
	const many = 5_000
	dir := b.TempDir()
	// Written by hand, and then loaded: an add waits for the disk each time.
	state := filepath.Join(dir, "downloads", ".state")
	if err := os.MkdirAll(state, 0o755); err != nil {
		b.Fatal(err)
	}
	hashes := make([]domain.InfoHash, many)
	for i := range hashes {
		text := fmt.Sprintf("%040x", i+1)
		record := fmt.Sprintf(`{"name":"Some.Torrent.Name.2024.1080p.%d","paused":true,"addedAt":"2026-01-01T00:00:00Z"}`, i)
		if err := os.WriteFile(filepath.Join(state, text+".json"), []byte(record), 0o600); err != nil {
			b.Fatal(err)
		}
		var err error
		if hashes[i], err = domain.ParseInfoHash(text); err != nil {
			b.Fatal(err)
		}
	}
	config := embedded.Config{DataDir: dir, BindAddress: "127.0.0.1", Logger: testLogger()}
	client, err := embedded.New(config).Open(domain.Server{Address: "downloads", Type: embedded.Type})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closeClient(b, client) })
	wait.Until(b, patience, "the torrents to be loaded", func() bool { return len(report(b, client, hashes...).Transfers) == many })
	whole := portstest.Whole(client)
	b.Run("built-in", func(b *testing.B) {
		b.Run("full", func(b *testing.B) {
			figure.Compare(b, func() {
				if all, err := whole.List(b.Context()); err != nil || len(all) != many {
					b.Fatalf("%d transfers, error %v", len(all), err)
				}
			}, func() {
				if got := len(report(b, client, hashes...).Transfers); got != many {
					b.Fatalf("%d transfers", got)
				}
			})
			b.ReportMetric(0, "requests")
		})
	})
}
