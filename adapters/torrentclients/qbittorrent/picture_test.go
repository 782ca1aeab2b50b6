package qbittorrent_test

import (
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/qbittorrent"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// asks proves which requests a check takes, and returns its report.
func asks(t *testing.T, f *fake, client ports.TorrentClient, hashes []domain.InfoHash, want ...string) domain.Report {
	t.Helper()
	f.asked()
	report, err := client.Transfers(t.Context(), hashes)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.asked(); !reflect.DeepEqual(got, want) {
		t.Fatalf("requests %q; want %q", got, want)
	}
	return report
}

const everything = "sync/maindata rid=0"

func TestACheckOfManyIsOneRequest(t *testing.T) {
	t.Parallel()
	f := newFake(t, 1000)
	client, hashes := f.open(t), numbers(t, 1000)
	for _, request := range []string{everything, "sync/maindata rid=1", "sync/maindata rid=2"} {
		if report := asks(t, f, client, hashes, request); len(report.Transfers) != len(hashes) || report.Settling {
			t.Fatalf("%d transfers, settling %t", len(report.Transfers), report.Settling)
		}
	}
}

func TestFewTorrentsAreAskedForByName(t *testing.T) {
	t.Parallel()
	f := newFake(t, 100)
	client, hashes := f.open(t), numbers(t, 2)
	report := asks(t, f, client, hashes, "torrents/info hashes="+hashes[0].String()+"|"+hashes[1].String())
	if len(report.Transfers) != 2 {
		t.Fatalf("%+v", report)
	}
	asks(t, f, client, nil, "torrents/info hashes=none")
	f.asked()
	if report, err := client.Transfers(t.Context(), append(hashes, hashes...)); err != nil || len(report.Transfers) != 2 || len(f.asked()) != 1 {
		t.Fatalf("%+v, error %v", report, err)
	}
	// What is absent may be there under another hash.
	asks(t, f, client, []domain.InfoHash{numbered(t, 500)}, "torrents/info hashes="+numbered(t, 500).String(), everything)
}

func TestSomeTorrentsAreAskedForByNameWhereChangesCostMore(t *testing.T) {
	t.Parallel()
	f, clock := newFake(t, 1200), newFakeClock()
	took := time.Second
	f.also = func(http.ResponseWriter, *http.Request) bool {
		clock.pass(took)
		return false
	}
	client, hashes := f.open(t, qbittorrent.WithClock(clock.Now)), numbers(t, 1200)
	asks(t, f, client, hashes[:100], everything)
	asks(t, f, client, hashes[:100], "sync/maindata rid=1")
	asks(t, f, client, hashes[:101], "sync/maindata rid=2")
	for _, n := range []int{6, 100} {
		f.asked()
		if report, err := client.Transfers(t.Context(), hashes[:n]); err != nil || len(report.Transfers) != n {
			t.Fatalf("%d transfers, error %v", len(report.Transfers), err)
		}
		if requests := f.asked(); len(requests) != 1 || !strings.HasPrefix(requests[0], "torrents/info hashes=") {
			t.Fatalf("%q", requests)
		}
	}
	took = time.Millisecond // it was upgraded
	asks(t, f, client, hashes, "sync/maindata rid=3")
	asks(t, f, client, hashes[:6], "sync/maindata rid=4")
}

func TestAllOfFewTorrentsAreNotAskedForByName(t *testing.T) {
	t.Parallel()
	f, clock := newFake(t, 20), newFakeClock()
	f.also = func(http.ResponseWriter, *http.Request) bool {
		clock.pass(time.Second) // the machine is busy
		return false
	}
	client := f.open(t, qbittorrent.WithClock(clock.Now))
	for _, request := range []string{everything, "sync/maindata rid=1", "sync/maindata rid=2"} {
		asks(t, f, client, numbers(t, 20), request)
	}
}

func TestFreeSpaceIsAskedForNoMoreOftenThanItIsFoundOut(t *testing.T) {
	t.Parallel()
	f, clock := newFake(t, 1), newFakeClock()
	client := f.open(t, qbittorrent.WithClock(clock.Now))
	for _, is := range []struct {
		passed time.Duration
		want   []string
	}{{0, []string{"app/version", everything}}, {29 * time.Second, []string{"app/version"}}, {time.Second, []string{"app/version", "sync/maindata rid=1"}}} {
		clock.pass(is.passed)
		if info, err := client.Probe(t.Context()); err != nil || *info.FreeSpace != 1000 {
			t.Fatalf("%+v, error %v", info, err)
		}
		if requests := f.asked(); !reflect.DeepEqual(requests, is.want) {
			t.Fatalf("%q; want %q", requests, is.want)
		}
	}
}

func TestChangesAreAddedUp(t *testing.T) {
	t.Parallel()
	f := newFake(t, 10)
	client, hashes := f.open(t), numbers(t, 10)
	asks(t, f, client, hashes, everything)
	f.change(func() {
		delete(f.torrents, hashes[1].String())
		f.torrents[hashes[3].String()] = `{"state":"uploading","amount_left":0}` // what has changed, not all of it
		f.torrents[numbered(t, 500).String()] = downloading(1)
	})
	report := asks(t, f, client, append(hashes, numbered(t, 500)), "sync/maindata rid=1")
	if _, found := report.Transfers[hashes[1]]; found || len(report.Transfers) != 10 || report.Settling {
		t.Fatalf("%+v", report)
	}
	if finished := report.Transfers[hashes[3]]; !finished.Finished() || finished.Name != "name" || report.Transfers[hashes[4]].Finished() {
		t.Fatalf("%+v", report)
	}
}

func TestDoubtMakesAFullUpdate(t *testing.T) {
	t.Parallel()
	for name, fact := range map[string]struct {
		doubt func(f *fake, clock *fakeClock)
		then  []string
	}{
		"nothing has happened":    {func(*fake, *fakeClock) {}, []string{"sync/maindata rid=1"}},
		"an hour has passed":      {func(_ *fake, clock *fakeClock) { clock.pass(time.Hour) }, []string{everything}},
		"the clock was set back":  {func(_ *fake, clock *fakeClock) { clock.pass(-time.Hour) }, []string{everything}},
		"the daemon is a new one": {func(f *fake, _ *fakeClock) { f.rid, f.told = 70, nil }, []string{"sync/maindata rid=1"}},
		"changes to what it has not told of": {func(f *fake, _ *fakeClock) {
			f.told = map[string]string{}
			for id := range f.torrents {
				f.told[id] = f.torrents[id]
			}
			f.torrents["b"], f.told["b"] = `{"state":"uploading"}`, `{}`
			f.also = func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Form.Get("rid") == "0" {
					delete(f.torrents, "b")
				}
				return false
			}
		}, []string{"sync/maindata rid=1", everything}},
		"something both changed and removed": {func(f *fake, _ *fakeClock) {
			f.also = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Form.Get("rid") != "0" {
					id := numbered(t, 1).String()
					_, _ = w.Write([]byte(`{"rid":2,"torrents":{"` + id + `":{"amount_left":3}},"torrents_removed":["` + id + `"]}`))
				}
				return r.Form.Get("rid") != "0"
			}
		}, []string{"sync/maindata rid=1", everything}},
		"another session": {func(f *fake, _ *fakeClock) { f.session = "two" }, []string{"sync/maindata rid=1"}},
		"another session that tells of changes": {func(f *fake, _ *fakeClock) {
			f.session = "two"
			f.also = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Form.Get("rid") != "0" {
					_, _ = w.Write([]byte(`{"rid":2}`))
				}
				return r.Form.Get("rid") != "0"
			}
		}, []string{"sync/maindata rid=1", everything}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, clock := newFake(t, 10), newFakeClock()
			client := f.open(t, qbittorrent.WithClock(clock.Now))
			asks(t, f, client, numbers(t, 10), everything)
			f.change(func() { fact.doubt(f, clock) })
			if report := asks(t, f, client, numbers(t, 10), fact.then...); len(report.Transfers) != 10 {
				t.Fatalf("%d transfers", len(report.Transfers))
			}
		})
	}
}

func TestWhoWaitsSharesTheAnswer(t *testing.T) {
	t.Parallel()
	f := newFake(t, 10)
	arrived, goOn := make(chan struct{}, 100), make(chan struct{})
	f.also = func(http.ResponseWriter, *http.Request) bool {
		arrived <- struct{}{}
		<-goOn
		return false
	}
	client := f.open(t)
	var checking sync.WaitGroup
	check := func() {
		if report, err := client.Transfers(t.Context(), numbers(t, 10)); err != nil || len(report.Transfers) != 10 {
			t.Errorf("%d transfers, error %v", len(report.Transfers), err)
		}
	}
	checking.Go(check)
	<-arrived // its answer may be older than the question of those who come now
	for range 20 {
		checking.Go(check)
	}
	close(goOn)
	checking.Wait()
	if requests := f.asked(); len(requests) > 21 || len(requests) < 2 {
		t.Fatalf("%d requests", len(requests))
	}
}

func TestATorrentOfBothVersionsGoesByTheFirst(t *testing.T) {
	t.Parallel()
	f := newFake(t, 10)
	first, second := numbered(t, 500), strings.Repeat("e", 40)
	f.torrents[second] = `{"infohash_v1":"` + first.String() + `",` + downloading(5)[1:]
	client := f.open(t)
	report := asks(t, f, client, []domain.InfoHash{first}, "torrents/info hashes="+first.String(), everything)
	if transfer := report.Transfers[first]; transfer.InfoHash != first || transfer.BytesLeft != 5 {
		t.Fatalf("%+v", report)
	}
	asks(t, f, client, []domain.InfoHash{first}, "torrents/info hashes="+second)
	if report := asks(t, f, client, append(numbers(t, 10), first), "sync/maindata rid=1"); len(report.Transfers) != 11 {
		t.Fatalf("%+v", report)
	}
	if err := client.Remove(t.Context(), []domain.InfoHash{first}, false); err != nil {
		t.Fatal(err)
	}
	f.change(func() {
		if _, there := f.torrents[second]; there || len(f.torrents) != 10 {
			t.Errorf("%d torrents", len(f.torrents))
		}
	})
}
