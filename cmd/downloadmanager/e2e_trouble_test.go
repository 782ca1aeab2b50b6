//go:build linux

package main_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/transmission"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// magnet is a link to what nobody has.
func magnet(n int) string {
	return fmt.Sprintf("magnet:?xt=urn:btih:%040x&dn=nobody+has+%d", 0xabc000+n, n)
}

// holds waits until a daemon holds exactly so many torrents.
func holds(t *testing.T, d *transmission.Daemon, torrents int) {
	t.Helper()
	wait.Until(t, patience, fmt.Sprintf("a daemon with %d torrents", torrents), func() bool { return len(d.Torrents(t)) == torrents })
}

// letGo waits until a daemon holds an infohash no longer.
func letGo(t *testing.T, d *transmission.Daemon, infoHash string) {
	t.Helper()
	wait.Until(t, patience, "a daemon without "+infoHash, func() bool {
		return !slices.ContainsFunc(d.Torrents(t), func(held transmission.Torrent) bool { return held.HashString == infoHash })
	})
}

// handedOverWithin is 10 s, and half as much again for a busy machine.
const handedOverWithin = 15 * time.Second

func TestABurstWhileTheDaemonIsDown(t *testing.T) {
	t.Parallel()
	const burst, callers = 200, 8
	daemon := transmission.Start(t, transmission.V4)
	product := start(t, onSQLite(t).with(settings{"EMBEDDED": "off", "CHECK_INTERVAL": "2s"}))
	server := product.useDaemon(t, daemon)
	daemon.Stop()

	next := make(chan int)
	var work sync.WaitGroup
	for range callers {
		work.Go(func() {
			for n := range next {
				status, body := product.request(t, http.MethodPost, "/api/torrents", `{"magnetURI":"`+magnet(n)+`"}`)
				if status != http.StatusCreated {
					t.Errorf("add %d: %d %s", n, status, body)
				}
			}
		})
	}
	for n := range burst {
		next <- n
		if n%50 == 0 { // lists are served meanwhile
			product.rest(t, http.MethodGet, "/api/torrents", "", http.StatusOK, nil)
		}
	}
	close(next)
	work.Wait()
	var listed []row
	product.rest(t, http.MethodGet, "/api/torrents", "", http.StatusOK, &listed)
	if len(listed) != burst {
		t.Fatalf("%d torrents are listed; want %d", len(listed), burst)
	}

	// Long enough for the back-off to have reached its most.
	wait.Until(t, patience, "a server that failed four times", func() bool { return product.failures(t, server) >= 4 })
	daemon.Restart()
	back := time.Now()
	holds(t, daemon, burst)
	took := time.Since(back)
	t.Logf("%d torrents were handed over %v after the daemon was back", burst, took.Round(time.Millisecond))
	if took > handedOverWithin {
		t.Errorf("want within %v", handedOverWithin)
	}
	wait.Until(t, patience, "all torrents accepted", func() bool {
		product.rest(t, http.MethodGet, "/api/torrents", "", http.StatusOK, &listed)
		return !slices.ContainsFunc(listed, func(r row) bool { return r.HashString == nil })
	})
	seen := map[string]bool{}
	for _, r := range listed {
		seen[*r.HashString] = true
	}
	if len(listed) != burst || len(seen) != burst {
		t.Errorf("%d torrents of %d infohashes are listed; want %d of each", len(listed), len(seen), burst)
	}
}

func TestATorrentRemovedByHand(t *testing.T) {
	t.Parallel()
	daemon := transmission.Start(t, transmission.V4)
	product := start(t, onSQLite(t).with(settings{"EMBEDDED": "off"}))
	product.useDaemon(t, daemon)
	added := product.add(t, magnet(1))
	product.hasState(t, added.ID, "DOWNLOADING", "")
	daemon.RPC(t, "torrent-remove", map[string]any{"ids": []string{text(product.torrent(t, added.ID).HashString)}})
	holds(t, daemon, 0)

	product.hasState(t, added.ID, "DOWNLOADING", "MISSING")
	if r := product.torrent(t, added.ID); r.CompletedAt != nil {
		t.Errorf("completed at %s", *r.CompletedAt)
	}
	if told := product.completions(t, "0"); len(told) != 0 {
		t.Errorf("told of %+v", told)
	}
	product.rest(t, http.MethodPatch, "/api/torrents/"+added.ID+"/mark-incomplete", "", http.StatusOK, nil)
	product.hasState(t, added.ID, "DOWNLOADING", "")
	holds(t, daemon, 1)
}

func TestWhatBecomesOfTheData(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(*testing.T) downloader{
		"Embedded": embeddedClient, "Transmission": transmissionClient(transmission.V4),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := make(t)
			product := start(t, onSQLite(t).with(client.settings))
			client.attach(t, product)
			for _, test := range []struct {
				fact, query string
				kept        bool
			}{
				{"removing a torrent keeps its data", "", true},
				{"unless that is to go, too", "?delete_data=1", false},
			} {
				t.Run(test.fact, func(t *testing.T) {
					film := newSeeder(t, fmt.Sprintf("kept %v.mkv", test.kept)) // a name of its own
					added := product.add(t, client.magnet(film))
					product.completed(t, added.ID)
					onDisk(t, client.folder(product), film)
					product.rest(t, http.MethodDelete, "/api/torrents/"+added.ID+test.query, "", http.StatusNoContent, nil)
					product.rest(t, http.MethodGet, "/api/torrents/"+added.ID, "", http.StatusNotFound, nil)
					if test.kept {
						client.letGo(t, film.InfoHash())
						onDisk(t, client.folder(product), film)
						return
					}
					wait.Until(t, patience, "the file gone", func() bool {
						_, err := os.Stat(filepath.Join(client.folder(product), film.Name()))
						return os.IsNotExist(err)
					})
				})
			}
		})
	}
}

func TestAServerThatLetsGoOfWhatHasCompleted(t *testing.T) {
	t.Parallel()
	daemon := transmission.Start(t, transmission.V3)
	daemon.KeepPoking(t)
	product := start(t, onPostgres(t).with(settings{"EMBEDDED": "off"}))
	server := product.useDaemon(t, daemon)
	product.graphql(t, `mutation($id: ID!) { updateTorrentServer(input: {id: $id, onComplete: REMOVE}) { torrentServer { onComplete } } }`,
		map[string]any{"id": server}, nil)
	film := newSeeder(t, "film.mkv")
	film.DialPeer(daemon.PeerAddr())
	added := product.add(t, film.Magnet())
	product.completed(t, added.ID)
	letGo(t, daemon, film.InfoHash())
	onDisk(t, daemon.DownloadDir(), film)
	product.hasState(t, added.ID, "COMPLETED", "")
}

func TestAnOpenTorrentMovesToAnotherServer(t *testing.T) {
	t.Parallel()
	from, to := transmission.Start(t, transmission.V3), transmission.Start(t, transmission.V4)
	product := start(t, onSQLite(t).with(settings{"EMBEDDED": "off"}))
	fromID, toID := product.useDaemon(t, from), product.useDaemon(t, to)
	added := product.addTo(t, fromID, magnet(1))
	holds(t, from, 1)
	product.hasState(t, added.ID, "DOWNLOADING", "")
	product.change(t, added, map[string]string{"server_id": toID})
	holds(t, to, 1)
	holds(t, from, 0)
	product.hasState(t, added.ID, "DOWNLOADING", "")
}
