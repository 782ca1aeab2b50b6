package portstest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// FaultProxy stands between a client and its daemon, passes on what is said, and
// lies when it is told to: internal/testkit/faultproxy. What it is told holds until
// the next thing.
type FaultProxy interface {
	// Address is where the client finds it, host:port.
	Address() string
	// Pass ends a fault.
	Pass()
	// Refuse resets connections when something is asked; Reset and Truncate do so, or
	// close, in the middle of the answer; Hang swallows what is asked; Drip gives the
	// answer byte by byte.
	Refuse()
	Reset()
	Truncate()
	Hang()
	Drip()
	// Answer says this in place of the daemon, and Flood this and then blanks without end.
	Answer(text []byte)
	Flood(begin []byte)
	// Turns counts what was asked, Sent the bytes that were given in answer.
	Turns() int
	Sent() int64
}

const (
	// quick is the most that a call may take when there is an answer, slow when there is
	// none, or none to its end.
	quick, slow = 10 * time.Second, 40 * time.Second
	// most is what may be read of an answer without end, and mostMemory what may be
	// allocated meanwhile, by this call and all other tests.
	most, mostMemory = 128 << 20, 512 << 20
)

// meetingFaults proves that a client copes with whatever can happen on its way to the
// daemon.
func meetingFaults(harness TorrentClientHarness) clientFacts {
	if !harness.Capabilities.Proxied {
		return nil
	}
	facts := clientFacts{
		"a look at many is one request, or the least of the protocol": func(t *clientTrial) {
			proxy, client := t.proxied()
			hashes := t.crowd(client)
			for _, some := range [][]domain.InfoHash{hashes, hashes, hashes[:1], hashes[:10]} {
				before := proxy.Turns()
				t.has(client, some...)
				if n := proxy.Turns() - before; n == 0 || n > max(1, harness.Requests) {
					t.Errorf("%d requests for %d transfers", n, len(some))
				}
			}
		},
		"the faults of the way": func(t *clientTrial) {
			proxy, client := t.proxied()
			hashes := t.crowd(client)
			faults := t.faults(proxy)
			for _, name := range slices.Sorted(maps.Keys(faults)) {
				t.row("a fault on the way is told and passes: "+name, func(t *clientTrial) {
					t.faulty(client, quick, faults[name])
					proxy.Pass()
					t.healed(client, hashes)
				})
			}
		},
		"the slowness of the way": func(t *clientTrial) {
			proxy, client := t.proxied()
			hashes := t.crowd(client)
			for name, fault := range map[string]func(){"no answer": proxy.Hang, "an answer that drips": proxy.Drip} {
				t.row("a call without a deadline ends by itself: "+name, func(t *clientTrial) {
					fault()
					calls := t.calls(client)
					names := slices.Sorted(maps.Keys(calls))
					begun := time.Now()
					for i, err := range together(len(names), func(i int) error { return calls[names[i]](t.Context()) }) {
						if domain.KindOf(err) != domain.KindUnavailable || err == nil {
							t.Errorf("%s: error %v; want one of kind %s", names[i], err, domain.KindUnavailable)
						}
					}
					if took := time.Since(begun); took > slow {
						t.Errorf("it took %s", took)
					}
					proxy.Pass()
					t.healed(client, hashes)
				})
			}
		},
		"an answer without end is not read to its end": func(t *clientTrial) {
			proxy, client := t.proxied()
			hashes := t.crowd(client)
			begin := harness.Endless
			if harness.Capabilities.HTTP {
				begin = answer(http.StatusOK, "application/json", begin)
			}
			for name, call := range t.calls(client) {
				proxy.Flood([]byte(begin))
				sent, allocated := proxy.Sent(), memory()
				t.fails(name, quick, call)
				if sent := proxy.Sent() - sent; sent > most {
					t.Errorf("%s: %d bytes were read", name, sent)
				}
				if allocated := memory() - allocated; allocated > mostMemory {
					t.Errorf("%s: %d bytes were allocated", name, allocated)
				}
				proxy.Pass()
			}
			t.healed(client, hashes)
		},
	}
	if harness.Capabilities.Deltas {
		facts["a second look at what has not changed costs less"] = func(t *clientTrial) {
			hashes := t.crowd(t.Open(t.T))
			proxy, client := t.proxied()
			look := func() int64 {
				before := proxy.Sent()
				t.has(client, hashes...)
				return proxy.Sent() - before
			}
			before := proxy.Sent()
			_, err := client.Probe(t.Context()) // some get to know everything by that already
			ok(t.T, err)
			t.has(client, hashes...)
			first := proxy.Sent() - before
			t.eventually("a look to cost half of the first", func() bool { return look() < first/2 })
		}
	}
	return facts
}

// proxied opens a client through a proxy of its own.
func (t *clientTrial) proxied() (FaultProxy, ports.OpenClient) {
	t.Helper()
	proxy := t.Proxy(t.T)
	return proxy, t.OpenAt(t.T, proxy.Address())
}

// faults are those that a client hears of at once.
func (t *clientTrial) faults(proxy FaultProxy) map[string]func() {
	says := func(text string) func() { return func() { proxy.Answer([]byte(text)) } }
	faults := map[string]func(){
		"a refused connection": proxy.Refuse, "a reset in the middle": proxy.Reset, "a truncated answer": proxy.Truncate,
		"an empty answer": says(""), "garbage": says("\x00\xff\xfe garbage \x01\x02\x03 and more of it"),
	}
	for name, text := range t.harness.Wrong {
		if t.harness.Capabilities.HTTP {
			text = answer(http.StatusOK, "application/json", text)
		}
		faults["a wrong answer, "+name] = says(text)
	}
	if !t.harness.Capabilities.HTTP {
		return faults
	}
	faults["a page"] = says(answer(http.StatusOK, "text/html; charset=utf-8", "<!doctype html><title>Sign in</title>"))
	for _, code := range []int{http.StatusNotFound, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable} {
		faults[fmt.Sprintf("status %d", code)] = says(answer(code, "text/plain", "no"))
	}
	for _, code := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		faults[fmt.Sprintf("a redirect (%d) to another host, which is not followed", code)] = func() {
			var asked atomic.Int64
			elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
			t.Cleanup(func() {
				if elsewhere.Close(); asked.Load() > 0 {
					t.Errorf("the other host was asked %d times", asked.Load())
				}
			})
			proxy.Answer(fmt.Appendf(nil, "HTTP/1.1 %d Elsewhere\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", code, elsewhere.URL))
		}
	}
	return faults
}

// answer writes an HTTP answer, which ends with the connection.
func answer(code int, contentType, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: %s\r\nConnection: close\r\n\r\n%s", code, http.StatusText(code), contentType, body)
}

// faulty proves of all calls that they tell of a fault, in time.
func (t *clientTrial) faulty(client ports.OpenClient, limit time.Duration, fault func()) {
	t.Helper()
	fault()
	for name, call := range t.calls(client) {
		t.fails(name, limit, call)
	}
}

// fails proves that a call tells that the daemon is unavailable, in time.
func (t *clientTrial) fails(name string, limit time.Duration, call func(context.Context) error) {
	t.Helper()
	begun := time.Now()
	if err := call(t.Context()); domain.KindOf(err) != domain.KindUnavailable || err == nil {
		t.Errorf("%s: error %v; want one of kind %s", name, err, domain.KindUnavailable)
	}
	if took := time.Since(begun); took > limit {
		t.Errorf("%s took %s", name, took)
	}
}

// healed waits until a client works again by itself.
func (t *clientTrial) healed(client ports.OpenClient, hashes []domain.InfoHash) {
	t.Helper()
	t.eventually("the client to work again", func() bool {
		report, err := client.Transfers(t.Context(), hashes)
		return err == nil && len(report.Transfers) == len(hashes)
	})
}

// memory is how much has been allocated so far.
func memory() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}
