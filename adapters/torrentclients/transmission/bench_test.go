package transmission_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/transmission"
	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/transmission"
	"github.com/clarion-app/download-manager/ports"
)

const many = 10_000

// BenchmarkTransfers compares a check of 10,000 torrents with the bare request
// that lists them, on real daemons: "bare" is the request alone, "full" a check
// after a minute of silence, "delta" one soon after another.
func BenchmarkTransfers(b *testing.B) {
	for _, version := range testdaemon.Versions() {
		b.Run(string(version), func(b *testing.B) {
			daemon := testdaemon.Start(b, version)
			hashes := make([]domain.InfoHash, many)
			client := open(b, daemon.Address(), domain.Credentials{})
			for i := range hashes {
				hashes[i] = numbered(b, i)
			}
			bare := newBare(b, daemon)
			for _, hash := range hashes {
				bare.ask(b, "torrent-add", map[string]any{"paused": true, "filename": "magnet:?xt=urn:btih:" + hash.String() + "&dn=Some.Torrent.Name.2024.1080p"})
			}
			list := map[string]any{"format": "table", "fields": []string{
				"hashString", "id", "name", "status", "error", "errorString", "metadataPercentComplete", "sizeWhenDone",
				"leftUntilDone", "doneDate", "rateDownload", "rateUpload", "eta", "peersConnected", "uploadRatio",
			}}
			check := func(b *testing.B, client ports.TorrentClient) {
				b.Helper()
				report, err := client.Transfers(b.Context(), hashes)
				if err != nil || len(report.Transfers) != many {
					b.Fatalf("%d transfers, error %v", len(report.Transfers), err)
				}
			}
			b.Run("bare", func(b *testing.B) {
				for b.Loop() {
					bare.ask(b, "torrent-get", list)
				}
			})
			b.Run("full", func(b *testing.B) {
				clock := newFakeClock()
				forgetful := open(b, daemon.Address(), domain.Credentials{}, transmission.WithClock(clock.Now))
				check(b, forgetful)
				for b.Loop() {
					clock.pass(time.Minute)
					check(b, forgetful)
				}
			})
			// Until a minute after it was added everything counts as changed.
			for deadline := time.Now().Add(time.Minute + 5*time.Second); time.Now().Before(deadline); {
				check(b, client)
			}
			b.Run("delta", func(b *testing.B) {
				for b.Loop() {
					check(b, client)
				}
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

func (c *bare) ask(b *testing.B, method string, arguments map[string]any) {
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
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !bytes.Contains(answer, []byte(`"success"`)) {
		b.Fatal(fmt.Errorf("%s: %s: %w", method, response.Status, err))
	}
}
