//go:build linux

package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/stockclient"
	"github.com/clarion-app/download-manager/internal/testkit/transmission"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// TestStockClientsMissNothing has graphql-ws in Node, and curl, follow downloads
// while the connection breaks and the product is killed and stopped. What they were
// told at the end is the log: each completion once, and in order.
func TestStockClientsMissNothing(t *testing.T) {
	t.Parallel()
	for database, version := range map[string]transmission.Version{"SQLite": transmission.V4, "Postgres": transmission.V3} {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			daemon := transmission.Start(t, version)
			daemon.KeepPoking(t)
			product := start(t, databases[database](t))
			f := &followed{
				t: t, product: product, daemon: daemon,
				embedded: product.embeddedServer(t), remote: product.useDaemon(t, daemon),
				line: newLine(t, strings.TrimPrefix(product.url, "http://")),
			}
			f.subscribe()
			// Each part has its seeders to itself: to Transmission all peers of one
			// address are one peer.
			for _, part := range []struct {
				fact string
				run  func(*testing.T)
			}{
				{"a download that completes is told", f.completes},
				{"one that completed while the connection was lost is told", f.losesTheConnection},
				{"what completed while the product was dead is told", f.isKilled},
				{"a product that is stopped is waited for", f.isStopped},
				{"a connection that is lost again and again costs nothing", f.losesTheConnectionAgainAndAgain},
				{"what was told is the log", f.toldTheLog},
			} {
				if !t.Run(part.fact, part.run) {
					return
				}
			}
		})
	}
}

// followed is a product that stock clients follow over a line that can break. The
// test itself talks to the product past the line.
type followed struct {
	t                *testing.T // of all parts together
	product          *instance
	daemon           *transmission.Daemon
	embedded, remote string // servers
	line             *line
	clients          map[string]*stockclient.Follower
	complete         int // how many completions there are
}

func (f *followed) subscribe() {
	address := "http://" + f.line.address + "/graphql"
	f.clients = map[string]*stockclient.Follower{
		"graphql-ws": stockclient.FollowByNode(f.t, address, adminToken),
		"curl":       stockclient.FollowByCurl(f.t, address, adminToken),
	}
}

func (f *followed) completes(t *testing.T) {
	film := newSeeder(t, "heard.mkv")
	f.completed(t, f.add(t, f.embedded, film))
	f.told(t)
}

// losesTheConnection breaks the line in the middle of a download that ends meanwhile.
func (f *followed) losesTheConnection(t *testing.T) {
	film := newSeeder(t, "missed.mkv")
	added := f.addHalf(t, f.remote, film)
	f.underWay(t, added)
	f.line.cut()
	film.Offer(len(film.Payload()))
	f.completed(t, added)
	f.reconnect()
	f.told(t)
}

// isKilled kills the product in the middle of two downloads. One of them ends in its
// daemon while there is no product, the other in the product that is started again;
// both before the clients are back.
func (f *followed) isKilled(t *testing.T) {
	away, here := newSeeder(t, "away.mkv"), newSeeder(t, "here.mkv")
	added := []row{f.addHalf(t, f.remote, away), f.addHalf(t, f.embedded, here)}
	f.underWay(t, added...)
	f.product.Kill()
	f.line.cut()
	away.Offer(len(away.Payload()))
	here.Offer(len(here.Payload()))
	wait.Until(t, patience, "a download that ends without us", func() bool {
		return slices.ContainsFunc(f.daemon.Torrents(f.t), func(held transmission.Torrent) bool {
			return held.HashString == away.InfoHash() && held.PercentDone == 1
		})
	})
	f.product = f.product.restart(f.t)
	f.completed(t, added...)
	f.reconnect()
	f.told(t)
}

// isStopped stops the product in order, as for an upgrade: nobody takes that for the
// end of what they follow.
func (f *followed) isStopped(t *testing.T) {
	f.product.Stop()
	f.product = f.product.restart(f.t)
	f.completed(t, f.add(t, f.embedded, newSeeder(t, "upgraded.mkv")))
	f.reconnect()
	f.told(t)
}

// losesTheConnectionAgainAndAgain breaks the line while completions are told, wherever
// the clients happen to be with them.
func (f *followed) losesTheConnectionAgainAndAgain(t *testing.T) {
	for n := range 8 {
		wait.Until(t, patience, "both clients on the line", func() bool { return f.line.carries() == len(f.clients) })
		for m := range 3 {
			added := f.product.add(t, magnet(3*n+m))
			f.product.completeByHand(t, added)
			f.complete++
		}
		f.line.cut()
		f.reconnect()
	}
	f.told(t)
}

// add adds what a seeder has to a server.
func (f *followed) add(t *testing.T, server string, film *seeder.Seeder) row {
	t.Helper()
	if server == f.embedded {
		return f.product.addTo(t, server, film.MagnetWithPeer())
	}
	film.DialPeer(f.daemon.PeerAddr())
	return f.product.addTo(t, server, film.Magnet())
}

// addHalf adds what a seeder has, of which the second half is not to be had yet.
func (f *followed) addHalf(t *testing.T, server string, film *seeder.Seeder) row {
	t.Helper()
	film.Offer(payloadSize / pieceLength / 2)
	return f.add(t, server, film)
}

// underWay waits until all of these are partly there.
func (f *followed) underWay(t *testing.T, added ...row) {
	t.Helper()
	for _, r := range added {
		wait.Until(t, patience, "a download that is under way", func() bool {
			var answer struct {
				Torrent struct {
					Progress *struct{ FractionDone float64 }
				}
			}
			f.product.graphql(t, `query($id: ID!) { torrent(id: $id) { progress { fractionDone } } }`, map[string]any{"id": r.ID}, &answer)
			return answer.Torrent.Progress != nil && answer.Torrent.Progress.FractionDone > 0
		})
	}
}

func (f *followed) completed(t *testing.T, added ...row) {
	t.Helper()
	for _, r := range added {
		f.product.completed(t, r.ID)
	}
	f.complete += len(added)
}

// reconnect gives the clients a line to the product, wherever that listens now.
func (f *followed) reconnect() { f.line.mend(strings.TrimPrefix(f.product.url, "http://")) }

// told waits until both clients have been told of all completions.
func (f *followed) told(t *testing.T) {
	t.Helper()
	for name, client := range f.clients {
		wait.Until(t, patience, fmt.Sprintf("%s told of %d completions", name, f.complete), func() bool {
			if !client.Running() {
				t.Fatalf("%s has ended:\n%s", name, client.Output())
			}
			return len(client.Told()) >= f.complete
		})
	}
}

// toldTheLog compares what the clients were told with the log, when one more
// completion has shown that nothing came in between.
func (f *followed) toldTheLog(t *testing.T) {
	t.Helper()
	last := f.product.add(t, magnet(999))
	f.product.completeByHand(t, last)
	f.complete++
	f.told(t)
	log := f.product.completions(t, "0")
	if len(log) != f.complete || log[len(log)-1].TorrentID != last.ID {
		t.Fatalf("the log has %d completions; want %d: %+v", len(log), f.complete, log)
	}
	for name, client := range f.clients {
		var told []completion
		for _, line := range client.Told() {
			var c completion
			if err := json.Unmarshal(line, &c); err != nil {
				t.Fatalf("%s: %v: %s", name, err, line)
			}
			told = append(told, c)
		}
		if !slices.Equal(told, log) {
			t.Errorf("%s was told of\n%+v\nthe log has\n%+v", name, told, log)
		}
	}
}

// embeddedServer is the id of the server that is built in.
func (i *instance) embeddedServer(t testing.TB) string {
	t.Helper()
	var servers []struct{ ID, Type string }
	i.rest(t, http.MethodGet, "/api/torrent-servers", "", http.StatusOK, &servers)
	for _, server := range servers {
		if server.Type == "Embedded" {
			return server.ID
		}
	}
	t.Fatalf("no embedded server among %+v", servers)
	return ""
}
