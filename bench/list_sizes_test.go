package bench_test

import (
	"testing"
	"time"
)

// BenchmarkListOfAnySize compares the median time of a page of 50 torrents of many
// with that of few.
func BenchmarkListOfAnySize(b *testing.B) {
	sizes := []int{1_000, 10_000, 1_000_000}
	for _, engine := range engines {
		b.Run(engine, func(b *testing.B) {
			targets := make([]target, len(sizes))
			for i, size := range sizes {
				dir := b.TempDir()
				p := serve(b, dir, "DM_DATABASE_URL="+bulkStore(b, engine, dir, size))
				targets[i] = graphQLTarget(b, p, serverList)
				checkRows(b, targets[i])
			}
			l := alternately(b, 10, 1, 500*time.Millisecond, targets...)
			b.ReportMetric(micros(l[1].median), "µs/of-10000")
			b.ReportMetric(micros(l[2].median), "µs/of-1000000")
			b.ReportMetric(float64(l[1].median)/float64(l[0].median), "of-10000/of-1000")
			b.ReportMetric(float64(l[2].median)/float64(l[1].median), "of-1000000/of-10000")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
