package bench_test

import (
	"context"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/scheduler"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/figure"
)

const (
	// fleetRounds are measured, of each way of checking.
	fleetRounds = 15
	// fleetInterval is the time between two checks of a server that is well, and
	// fleetWatch how long the scheduler is watched each time.
	fleetInterval = time.Second
	fleetWatch    = 10 * time.Second
)

// BenchmarkDeadServers compares the checks of 15 servers with the same beside 5 dead
// ones, which refuse, hang, talk garbage, drip, and flap. "at once" is how long it takes
// until the last of the 15 is checked when all 20 begin at the same moment, and "by the
// clock" the time between two checks of one of the 15 while the scheduler is running.
func BenchmarkDeadServers(b *testing.B) {
	for _, engine := range engines {
		b.Run(engine, func(b *testing.B) {
			alone := newFleet(b, engine, fleetInterval)
			among := newFleet(b, engine, fleetInterval, deadServers(b)...)
			b.Run("at once", func(b *testing.B) {
				alone.checkAll(b)
				among.checkAll(b)
				var without, with []time.Duration
				for range fleetRounds {
					without = append(without, alone.checkAll(b))
					with = append(with, among.checkAll(b))
				}
				less, more := figure.Median(without), figure.Median(with)
				b.ReportMetric(figure.Milliseconds(less), "ms/15-servers")
				b.ReportMetric(figure.Milliseconds(more), "ms/15-of-20")
				b.ReportMetric(float64(more)/float64(less), "15-of-20/15-servers")
				b.ReportMetric(0, "ns/op")
			})
			b.Run("by the clock", func(b *testing.B) {
				var without, with []time.Duration
				for range 2 {
					without = append(without, alone.gaps(b)...)
					with = append(with, among.gaps(b)...)
				}
				less, more := figure.Median(without), figure.Median(with)
				b.ReportMetric(figure.Milliseconds(less), "ms/15-servers")
				b.ReportMetric(figure.Milliseconds(more), "ms/15-of-20")
				b.ReportMetric(float64(more)/float64(less), "15-of-20/15-servers")
				b.ReportMetric(float64(longest(with))/float64(longest(without)), "longest/longest")
				b.ReportMetric(0, "ns/op")
			})
		})
	}
}

// checkAll checks all servers at once and returns when the last live one was done,
// but waits for the dead ones, too.
func (f *fleet) checkAll(b *testing.B) time.Duration {
	b.Helper()
	f.ended.follow(f.live)
	began := time.Now()
	results, err := f.checks.CheckAll(b.Context(), domain.System())
	if err != nil {
		b.Fatal(err)
	}
	well := 0
	for _, result := range results {
		if result.Err == nil && !result.Skipped && result.Open == fleetTorrents {
			well++
		}
	}
	if well < liveServers {
		b.Fatalf("%d of %d checks were done", well, len(results))
	}
	var last time.Time
	for _, id := range f.live {
		if at := f.ended.last[id]; at.After(last) {
			last = at
		}
	}
	return last.Sub(began)
}

// gaps runs the scheduler for a while and returns the times between two checks of
// each live server.
func (f *fleet) gaps(b *testing.B) []time.Duration {
	b.Helper()
	s := scheduler.New(f.checks, nil, scheduler.Config{Interval: fleetInterval, Log: f.checks.Log})
	f.ended.follow(f.live)
	if err := s.Start(); err != nil {
		b.Fatal(err)
	}
	<-time.After(fleetWatch)
	f.ended.mu.Lock()
	gaps, errs := f.ended.gaps, f.ended.errs
	f.ended.mu.Unlock()
	if err := s.Stop(context.Background()); err != nil {
		b.Fatal(err)
	}
	if len(errs) > 0 || len(gaps) < liveServers {
		b.Fatalf("%d gaps, and failures %q", len(gaps), errs)
	}
	return gaps
}

func longest(of []time.Duration) time.Duration {
	var most time.Duration
	for _, d := range of {
		most = max(most, d)
	}
	return most
}
