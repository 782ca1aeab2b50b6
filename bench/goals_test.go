package bench_test

import (
	"testing"
	"time"
)

// BenchmarkListBesideFloor is about 5,000 torrents, as the measurements of other
// products are: a page of 50, the whole list over REST, bytes per row, and the memory
// that is used after both have been asked for by 16 connections, beside the floor.
func BenchmarkListBesideFloor(b *testing.B) {
	const few, many = 1_000, 5_000
	for _, engine := range engines {
		b.Run(engine, func(b *testing.B) {
			dir, floorDir := b.TempDir(), b.TempDir()
			bulkStore(b, "sqlite", floorDir, many) // which is all that the floor reads
			floor := startBare(b, floorBinary, floorDir+"/downloadmanager.db")
			p := serve(b, dir, "DM_DATABASE_URL="+bulkStore(b, engine, dir, many))
			page, list := graphQLTarget(b, p, plainList), newTarget(b, p, "/api/torrents", adminToken, "")
			barePage, bareList := newTarget(b, floor, "/torrents", "", ""), newTarget(b, floor, "/torrents/all", "", "")
			checkRows(b, page)
			bytesOf := func(t target, rows int) float64 { return float64(len(t.once(b))) / float64(rows) }
			b.ReportMetric(bytesOf(barePage, 50), "B/row-floor")
			b.ReportMetric(bytesOf(page, 50)/bytesOf(barePage, 50), "page-B/floor")
			b.ReportMetric(bytesOf(list, many)/bytesOf(bareList, many), "list-B/floor")

			pages := alternately(b, 5, listConnections, time.Second, page, barePage)
			afterPages := memoryOf(b, p.command.Process.Pid)
			lists := alternately(b, 5, listConnections, time.Second, list, bareList)
			b.ReportMetric(pages[1].perSecond, "req/s-floor-page")
			b.ReportMetric(pages[0].perSecond/pages[1].perSecond, "page-req/floor")
			b.ReportMetric(float64(pages[0].slow)/float64(pages[1].slow), "page-p99/floor")
			b.ReportMetric(lists[1].perSecond, "req/s-floor-list")
			b.ReportMetric(lists[0].perSecond/lists[1].perSecond, "list-req/floor")
			b.ReportMetric(float64(lists[0].slow)/float64(lists[1].slow), "list-p99/floor")

			used, bare := memoryOf(b, p.command.Process.Pid), memoryOf(b, floor.command.Process.Pid)
			b.ReportMetric(bare/(1<<20), "MiB-floor")
			b.ReportMetric(used/bare, "memory/floor")
			// The same of fewer torrents, to see what each one more takes.
			smallDir := b.TempDir()
			small := serve(b, smallDir, "DM_DATABASE_URL="+bulkStore(b, engine, smallDir, few))
			alternately(b, 5, listConnections, time.Second, graphQLTarget(b, small, plainList))
			growth := func(more, less float64) float64 { return (more - less) / 1024 / (many - few) }
			b.ReportMetric(growth(afterPages, memoryOf(b, small.command.Process.Pid)), "KiB/torrent-pages")
			alternately(b, 5, listConnections, time.Second, newTarget(b, small, "/api/torrents", adminToken, ""))
			b.ReportMetric(growth(used, memoryOf(b, small.command.Process.Pid)), "KiB/torrent-lists")
			b.ReportMetric(0, "ns/op")
		})
	}
}
