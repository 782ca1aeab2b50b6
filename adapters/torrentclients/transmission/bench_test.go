package transmission_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/transmission"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/faultproxy"
	"github.com/clarion-app/download-manager/internal/testkit/figure"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/transmission"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
)

const many = 5_000

// BenchmarkTransfers compares a check of 5,000 torrents with the bare request for the
// same list, read to its end and thrown away, on real daemons: "full" is a check after
// an hour of silence, "delta" one soon after another, beside the bare request for
// what has changed, and "list" everything that the daemon holds, for adoption.
func BenchmarkTransfers(b *testing.B) {
	for _, version := range testdaemon.Versions() {
		b.Run(string(version), func(b *testing.B) {
			daemon := testdaemon.Start(b, version)
			proxy := faultproxy.New(b, "tcp", daemon.Address())
			hashes := make([]domain.InfoHash, many)
			for i := range hashes {
				hashes[i] = numbered(b, i)
			}
			bare := newBare(b, daemon)
			for _, hash := range hashes {
				bare.ask(b, "torrent-add", map[string]any{"paused": true, "filename": "magnet:?xt=urn:btih:" + hash.String() + "&dn=Some.Torrent.Name.2024.1080p"})
			}
			report := []string{
				"hashString", "id", "name", "status", "error", "errorString", "metadataPercentComplete", "sizeWhenDone",
				"leftUntilDone", "doneDate", "rateDownload", "rateUpload", "eta", "peersConnected", "uploadRatio", "uploadedEver",
			}
			all := map[string]any{"format": "table", "fields": report}
			changes := map[string]any{"format": "table", "fields": report, "ids": "recently-active"}
			held := map[string]any{"format": "table", "fields": append(report, "addedDate", "downloadDir", "labels", "magnetLink")}
			check := func(b *testing.B, client ports.OpenClient) {
				b.Helper()
				report, err := client.Transfers(b.Context(), hashes)
				if err != nil || len(report.Transfers) != many {
					b.Fatalf("%d transfers, error %v", len(report.Transfers), err)
				}
			}
			clock := newFakeClock()
			forgetful := func(address string) func() {
				client := open(b, address, domain.Credentials{}, transmission.WithClock(clock.Now))
				return func() { clock.pass(time.Hour); check(b, client) }
			}
			b.Run("full", func(b *testing.B) {
				figure.Requests(b, proxy, forgetful(proxy.Address()))
				figure.Compare(b, func() { bare.ask(b, "torrent-get", all) }, forgetful(daemon.Address()))
			})
			client, counted := open(b, daemon.Address(), domain.Credentials{}), open(b, proxy.Address(), domain.Credentials{})
			// Until a minute after it was added everything counts as changed.
			const quiet = 1 << 10 // bytes
			wait.Until(b, 5*time.Minute, "the daemon to be quiet", func() bool { return bare.ask(b, "torrent-get", changes) < quiet })
			b.Run("delta", func(b *testing.B) {
				figure.Requests(b, proxy, func() { check(b, counted) })
				figure.Compare(b, func() { bare.ask(b, "torrent-get", changes) }, func() { check(b, client) })
			})
			b.Run("list", func(b *testing.B) {
				list := func(client ports.OpenClient) func() {
					return func() {
						if list, err := client.List(b.Context()); err != nil || len(list) != many {
							b.Fatalf("%d transfers, error %v", len(list), err)
						}
					}
				}
				// A daemon that is young may not have loaded everything, and is not asked.
				wait.Until(b, 5*time.Minute, "the daemon to be of age", func() bool {
					_, err := client.List(b.Context())
					return err == nil
				})
				figure.Requests(b, proxy, list(counted))
				figure.Compare(b, func() { bare.ask(b, "torrent-get", held) }, list(client))
			})
		})
	}
}

// bare is the least that a client can do.
type bare struct {
	url, session string
	http         *http.Client
}

func newBare(b *testing.B, daemon *testdaemon.Daemon) *bare {
	b.Helper()
	response, err := http.Get(daemon.URL())
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	return &bare{url: daemon.URL(), session: response.Header.Get("X-Transmission-Session-Id"), http: &http.Client{Transport: &http.Transport{DisableCompression: true}}}
}

// ask makes a request and returns how many bytes the answer has.
func (c *bare) ask(b *testing.B, method string, arguments map[string]any) int64 {
	b.Helper()
	body, err := json.Marshal(map[string]any{"method": method, "arguments": arguments})
	if err != nil {
		b.Fatal(err)
	}
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("X-Transmission-Session-Id", c.session)
	response, err := c.http.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	size, err := figure.Drain(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatal(fmt.Errorf("%s: %s: %w", method, response.Status, err))
	}
	return size
}
