package bench_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/transmission"
)

// toldDownloads is how many real downloads are timed.
const toldDownloads = 9

// checkPeriod is the check interval of this benchmark.
const checkPeriod = 2 * time.Second

// BenchmarkToldAfterFinished times, with nobody connected, how long after a real
// daemon has finished a download the completion is in the event log; and after a
// start, what finished while the product was down.
func BenchmarkToldAfterFinished(b *testing.B) {
	daemon := transmission.Start(b, transmission.V3)
	daemon.KeepPoking(b)
	dir := b.TempDir()
	p := serve(b, dir, "DM_CHECK_INTERVAL="+checkPeriod.String())
	p.addServer(b, daemon.Address())

	var delays []time.Duration
	for n := range toldDownloads {
		scoped(b, func(t testing.TB) { // a seeder that stays would keep the next one out
			s := holdBeforeTheEnd(b, t, p, daemon, int64(n))
			// The daemon finishes on timers of its own, and adding has just set the time of the
			// checks: unless they are shifted against each other, every download would meet them
			// in the same phase. So a check is made by hand, each time a little later.
			<-time.After(checkPeriod * time.Duration(n) / toldDownloads)
			check(b, p)
			s.Release()
			finished := finishedIn(b, daemon, s)
			delays = append(delays, max(0, completedAt(b, p, n+1).Sub(finished)))
		})
	}
	longest := time.Duration(0)
	for _, d := range delays {
		longest = max(longest, d)
	}
	b.ReportMetric(median(delays).Seconds()/checkPeriod.Seconds(), "median/period")
	b.ReportMetric(longest.Seconds()-checkPeriod.Seconds(), "s/longest-less-period")

	// One more finishes while the product is down.
	s := holdBeforeTheEnd(b, b, p, daemon, toldDownloads)
	p.kill()
	s.Release()
	finishedIn(b, daemon, s)
	began := time.Now()
	p = serve(b, dir, "DM_CHECK_INTERVAL="+checkPeriod.String())
	until(b, time.Minute, func() bool { return len(completions(b, p)) == toldDownloads+1 })
	b.ReportMetric(time.Since(began).Seconds(), "s/told-after-start")
	b.ReportMetric(0, "ns/op")
}

// scoped runs part of a benchmark whose cleanups are not to wait for its end.
func scoped(b *testing.B, run func(t testing.TB)) {
	b.Helper()
	s := &scope{TB: b}
	defer func() {
		for _, cleanup := range slices.Backward(s.cleanups) {
			cleanup()
		}
	}()
	run(s)
}

type scope struct {
	testing.TB

	cleanups []func()
}

// Cleanup implements testing.TB.
func (s *scope) Cleanup(cleanup func()) { s.cleanups = append(s.cleanups, cleanup) }

// holdBeforeTheEnd adds a torrent and brings it to where only pieces are missing.
func holdBeforeTheEnd(b *testing.B, t testing.TB, p *product, daemon *transmission.Daemon, n int64) *seeder.Seeder {
	b.Helper()
	name := "told-" + string(rune('a'+n)) + ".bin"
	s := seeder.New(t, name, seeder.Payload(n, 256<<10), 16<<10)
	s.Hold()
	body, _ := json.Marshal(map[string]string{"magnetURI": s.Magnet()})
	if _, err := post(http.DefaultClient, p.url+"/api/torrents", adminToken, body); err != nil {
		b.Fatal(err)
	}
	s.DialPeer(daemon.PeerAddr())
	until(b, time.Minute, func() bool {
		t := ask(b, daemon, s)
		return t.Metadata == 1 && t.Peers > 0 && t.Status == 4
	})
	return s
}

type asked struct {
	Hash     string  `json:"hashString"`
	Metadata float64 `json:"metadataPercentComplete"`
	Left     int64   `json:"leftUntilDone"`
	Size     int64   `json:"sizeWhenDone"`
	Status   int     `json:"status"`
	Done     int64   `json:"doneDate"`
	Peers    int     `json:"peersConnected"`
}

func ask(b *testing.B, daemon *transmission.Daemon, s *seeder.Seeder) asked {
	b.Helper()
	var answer struct {
		Torrents []asked `json:"torrents"`
	}
	raw := daemon.RPC(b, "torrent-get", map[string]any{
		"ids":    []string{s.InfoHash()},
		"fields": []string{"hashString", "metadataPercentComplete", "leftUntilDone", "sizeWhenDone", "status", "doneDate", "peersConnected"},
	})
	if err := json.Unmarshal(raw, &answer); err != nil {
		b.Fatal(err)
	}
	if len(answer.Torrents) == 0 {
		return asked{}
	}
	return answer.Torrents[0]
}

func finishedIn(b *testing.B, daemon *transmission.Daemon, s *seeder.Seeder) time.Time {
	b.Helper()
	until(b, 2*time.Minute, func() bool {
		t := ask(b, daemon, s)
		return t.Metadata == 1 && t.Size > 0 && t.Left == 0 && t.Done > 0 && t.Status >= 5
	})
	return time.Now()
}

// check has all servers checked now.
func check(b *testing.B, p *product) {
	b.Helper()
	var answer struct {
		Errors []struct{ Message string } `json:"errors"`
	}
	if err := graphQL(p, `mutation {checkTorrents {checks {completed}}}`, &answer); err != nil || len(answer.Errors) > 0 {
		b.Fatal(err, answer.Errors)
	}
}

type completion struct {
	Cursor string `json:"cursor"`
}

// completions asks for all completions.
func completions(b *testing.B, p *product) []completion {
	b.Helper()
	var answer struct {
		Data struct {
			Completions struct{ Nodes []completion } `json:"completions"`
		} `json:"data"`
	}
	if err := graphQL(p, `{completions(first: 100) {nodes {cursor}}}`, &answer); err != nil {
		b.Fatal(err)
	}
	return answer.Data.Completions.Nodes
}

// completedAt waits for the n-th completion and returns when it was seen.
func completedAt(b *testing.B, p *product, n int) time.Time {
	b.Helper()
	until(b, time.Minute, func() bool { return len(completions(b, p)) >= n })
	return time.Now()
}
