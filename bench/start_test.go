package bench_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/transmission"
)

// startTorrents is how many torrents there are when the product starts.
const startTorrents = 5_000

// BenchmarkStart compares the time from starting the process to its first good
// page with that of a bare handler's process over the same database file, with the
// daemon answering and with it stopped.
func BenchmarkStart(b *testing.B) {
	daemon := transmission.Start(b, transmission.V3)
	dir := b.TempDir()
	db := openStore(b, filepath.Join(dir, "downloadmanager.db"))
	fillStore(b, db, daemon.Address(), startTorrents)
	_ = db.Close()
	floor := medianOf(b, 7, func() time.Duration { return startFloor(b, filepath.Join(dir, "downloadmanager.db")) })
	start := func() time.Duration {
		p := serve(b, dir)
		p.stop()
		return p.ready
	}
	up := medianOf(b, 7, start)
	daemon.Pause()
	hanging := medianOf(b, 7, start)
	daemon.Continue()
	daemon.Stop()
	stopped := medianOf(b, 7, start)
	b.ReportMetric(float64(floor.Microseconds())/1000, "ms/floor")
	b.ReportMetric(float64(up.Microseconds())/1000, "ms/ready")
	b.ReportMetric(float64(up)/float64(floor), "ready/floor")
	b.ReportMetric(float64(hanging)/float64(up), "ready-daemon-hanging/up")
	b.ReportMetric(float64(stopped)/float64(up), "ready-daemon-stopped/up")
	b.ReportMetric(0, "ns/op")
}
