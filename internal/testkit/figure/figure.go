// Package figure measures what the product does beside the least that does the same, for benchmarks. It prints ratios, so
// that the machine's speed cancels out.
package figure

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/faultproxy"
)

// Rounds are measured for so long, but no fewer and no more than that.
const (
	lasting = 3 * time.Second
	fewest  = 7
	most    = 101
)

// Compare takes times of bare and check in turns, so that whatever else the machine does meets both, and reports their
// medians (ms/bare, ms/check) and the ratio of these (check/bare), and that of the least times (check/bare-least): where one
// of the two is held up by the network more often than the other, as by a delayed acknowledgement, only that compares them.
// Both are done once before.
func Compare(b *testing.B, bare, check func()) {
	b.Helper()
	bare()
	check()
	var bares, checks []time.Duration
	for began := time.Now(); len(bares) < fewest || len(bares) < most && time.Since(began) < lasting; {
		// Either is the first as often, and neither meets what the other leaves to collect.
		if len(bares)%2 == 0 {
			bares = append(bares, timed(bare))
			checks = append(checks, timed(check))
		} else {
			checks = append(checks, timed(check))
			bares = append(bares, timed(bare))
		}
	}
	less, more := Median(bares), Median(checks)
	b.ReportMetric(Milliseconds(less), "ms/bare")
	b.ReportMetric(Milliseconds(more), "ms/check")
	b.ReportMetric(float64(more)/float64(less), "check/bare")
	b.ReportMetric(float64(slices.Min(checks))/float64(slices.Min(bares)), "check/bare-least")
	b.ReportMetric(0, "ns/op")
}

// Requests reports how many requests a check makes that goes through proxy. It is done once before, which takes all that
// is asked of a daemon only once.
func Requests(b *testing.B, proxy *faultproxy.Proxy, check func()) {
	b.Helper()
	check()
	before := proxy.Turns()
	check()
	b.ReportMetric(float64(proxy.Turns()-before), "requests")
}

// Median is the middle one.
func Median(took []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[len(sorted)/2]
}

// Milliseconds is d with what is below a millisecond.
func Milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func timed(do func()) time.Duration {
	runtime.GC()
	began := time.Now()
	do()
	return time.Since(began)
}
