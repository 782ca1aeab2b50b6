package bench_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/postgres"
	"github.com/clarion-app/download-manager/internal/testkit/transmission"
)

const (
	// quietTorrents is how many paused torrents a daemon has, in which nothing changes.
	quietTorrents = 5_000
	// quietWhile is how long it is watched; the figures are for a minute.
	quietWhile = 20 * time.Second
)

// BenchmarkWatchingQuietly is what it costs to watch a daemon with 5,000 torrents, every
// two seconds, while nothing happens: the product's processor time and the daemon's
// (above what it uses by itself), requests between the two and the bytes of what the
// daemon is asked and tells, and bytes that are pushed to a client; with no live client, with one, and with 50.
func BenchmarkWatchingQuietly(b *testing.B) {
	daemon := transmission.Start(b, transmission.V3)
	fillDaemon(b, rawOf(b, daemon), quietTorrents)
	idle := rate(b, daemon.Process().PID())
	counted := countRequests(b, daemon)
	for _, engine := range engines {
		b.Run(engine, func(b *testing.B) {
			dir := b.TempDir()
			dsn := filepath.Join(dir, "downloadmanager.db")
			if engine == "postgres" {
				dsn = postgres.URL(b)
			}
			db := openStore(b, dsn)
			fillStore(b, db, counted.address, quietTorrents)
			_ = db.Close()
			p := serve(b, dir, "DM_DATABASE_URL="+dsn, "DM_CHECK_INTERVAL="+checkPeriod.String())
			until(b, 3*time.Minute, func() bool { return queued(b, p) == 0 })
			await(2 * checkPeriod)
			var alone reading
			for _, clients := range []int{0, 1, 50} {
				r := counted.watch(b, p, daemon, clients)
				with := fmt.Sprintf("-%d-clients", clients)
				b.ReportMetric(r.product, "s/min"+with)
				b.ReportMetric(r.daemon-idle, "s/min-daemon"+with)
				b.ReportMetric(r.requests, "req/min"+with)
				b.ReportMetric(r.told, "B/min-told"+with)
				b.ReportMetric(r.asked, "B/min-asked"+with)
				if clients == 0 {
					alone = r
					continue
				}
				b.ReportMetric(r.product/alone.product, "cpu/alone"+with)
				b.ReportMetric(r.pushed/float64(clients), "B/min-pushed"+with)
			}
			b.ReportMetric(idle, "s/min-daemon-idle")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// reading is what was used, for a minute.
type reading struct{ product, daemon, requests, asked, told, pushed float64 }

func await(d time.Duration) { <-time.After(d) }

func perMinute(amount float64) float64 { return amount * float64(time.Minute) / float64(quietWhile) }

// rate is the processor time that a process uses, in seconds for a minute.
func rate(b *testing.B, pid int) float64 {
	b.Helper()
	before := cpuOf(b, pid)
	await(quietWhile)
	return perMinute((cpuOf(b, pid) - before).Seconds())
}

// queued counts torrents that the daemon has not been given.
func queued(b *testing.B, p *product) int {
	b.Helper()
	var answer struct {
		Data struct {
			Torrents struct{ Nodes []struct{ ID string } }
		}
	}
	if err := graphQL(p, `{torrents(first: 1, filter: {status: QUEUED}) {nodes {id}}}`, &answer); err != nil {
		b.Fatal(err)
	}
	return len(answer.Data.Torrents.Nodes)
}

// counter stands between the product and a daemon.
type counter struct {
	address               string
	requests, asked, told atomic.Int64
}

// countRequests counts what goes through it: requests, and the bytes of bodies either
// way.
func countRequests(b *testing.B, daemon *transmission.Daemon) *counter {
	b.Helper()
	to, err := url.Parse(daemon.URL())
	if err != nil {
		b.Fatal(err)
	}
	c := &counter{}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = to.Scheme, to.Host, to.Host
		},
		ModifyResponse: func(r *http.Response) error {
			r.Body = countedBody{r.Body, &c.told}
			return nil
		},
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests.Add(1)
		r.Body = countedBody{r.Body, &c.asked}
		proxy.ServeHTTP(w, r)
	})
	c.address = strings.TrimSuffix(strings.TrimPrefix(serveBare(b, handler), "http://"), "/")
	return c
}

type countedBody struct {
	io.ReadCloser

	count *atomic.Int64
}

// Read implements io.Reader.
func (c countedBody) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.count.Add(int64(n))
	return n, err
}

// watch reads what is used while so many clients follow.
func (c *counter) watch(b *testing.B, p *product, daemon *transmission.Daemon, clients int) reading {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var pushed atomic.Int64
	for range clients {
		listen(b, ctx, p, &pushed)
	}
	await(checkPeriod)
	pid, daemonPID := p.command.Process.Pid, daemon.Process().PID()
	product, theirs := cpuOf(b, pid), cpuOf(b, daemonPID)
	requests, asked, told, before := c.requests.Load(), c.asked.Load(), c.told.Load(), pushed.Load()
	await(quietWhile)
	return reading{
		product:  perMinute((cpuOf(b, pid) - product).Seconds()),
		daemon:   perMinute((cpuOf(b, daemonPID) - theirs).Seconds()),
		requests: perMinute(float64(c.requests.Load() - requests)),
		asked:    perMinute(float64(c.asked.Load() - asked)),
		told:     perMinute(float64(c.told.Load() - told)),
		pushed:   perMinute(float64(pushed.Load() - before)),
	}
}

// followed is what a live client subscribes to.
const followed = `subscription {torrentCompleted {cursor torrent {id name status}}}`

// listen subscribes until ctx ends, and counts the bytes that come.
func listen(b *testing.B, ctx context.Context, p *product, count *atomic.Int64) { //nolint:revive // b first, as everywhere here
	b.Helper()
	body, err := json.Marshal(map[string]string{"query": followed})
	if err != nil {
		b.Fatal(err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Authorization", "Bearer "+adminToken)
	started := make(chan error)
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			started <- err
			return
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode != http.StatusOK {
			err = errors.New(response.Status)
		}
		started <- err
		_, _ = io.Copy(io.Discard, countedBody{response.Body, count})
	}()
	if err := <-started; err != nil {
		b.Fatal("subscribing: ", err)
	}
}
