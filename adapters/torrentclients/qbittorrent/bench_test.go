package qbittorrent_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/qbittorrent"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/faultproxy"
	"github.com/clarion-app/download-manager/internal/testkit/figure"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/qbittorrent"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
)

const many = 5_000

// BenchmarkTransfers compares a check of 5,000 torrents with the bare request for the
// same list, read to its end and thrown away, on real daemons: "full" is a check by a
// client that knows nothing yet, "delta" one soon after another, beside the bare
// request for what has changed, and "list" everything that the daemon holds, for
// adoption.
func BenchmarkTransfers(b *testing.B) {
	for _, version := range testdaemon.Versions() {
		b.Run(string(version), func(b *testing.B) {
			daemon := testdaemon.Start(b, version)
			proxy := faultproxy.New(b, "tcp", daemon.Address())
			hashes := fill(b, daemon)
			check := func(b *testing.B, client ports.OpenClient) {
				b.Helper()
				report, err := client.Transfers(b.Context(), hashes)
				if err != nil || len(report.Transfers) != many {
					b.Fatalf("%d transfers, error %v", len(report.Transfers), err)
				}
			}
			clock := newFakeClock()
			forgetful := func(address string) func() {
				client := open(b, address, domain.Credentials{}, qbittorrent.WithClock(clock.Now))
				return func() { clock.pass(time.Hour); check(b, client) }
			}
			b.Run("full", func(b *testing.B) {
				bare := &bare{url: daemon.URL()}
				figure.Requests(b, proxy, forgetful(proxy.Address()))
				figure.Compare(b, func() { bare.ask(b, "sync/maindata?rid=0") }, forgetful(daemon.Address()))
			})
			client, counted := open(b, daemon.Address(), domain.Credentials{}), open(b, proxy.Address(), domain.Credentials{})
			b.Run("delta", func(b *testing.B) {
				bare, rid := &bare{url: daemon.URL()}, 0
				figure.Requests(b, proxy, func() { check(b, counted) })
				figure.Compare(b, func() {
					bare.ask(b, "sync/maindata?rid="+strconv.Itoa(rid))
					rid++
				}, func() { check(b, client) })
			})
			b.Run("list", func(b *testing.B) {
				bare := &bare{url: daemon.URL()}
				list := func(client ports.OpenClient) func() {
					return func() {
						if list, err := client.List(b.Context()); err != nil || len(list) != many {
							b.Fatalf("%d transfers, error %v", len(list), err)
						}
					}
				}
				figure.Requests(b, proxy, list(counted))
				figure.Compare(b, func() { bare.ask(b, "torrents/info") }, list(client))
			})
		})
	}
}

// fill adds .torrent files, stopped, and waits until the daemon shows them at rest.
func fill(b *testing.B, daemon *testdaemon.Daemon) []domain.InfoHash {
	b.Helper()
	hashes := make([]domain.InfoHash, many)
	bare := &bare{url: daemon.URL()}
	for from := 0; from < many; from += 50 {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for i := from; i < from+50; i++ {
			info := fmt.Sprintf("d6:lengthi1048576e4:name%d:%s12:piece lengthi262144e6:pieces80:%080de", len(name(i)), name(i), i)
			sum := sha1.Sum([]byte(info))
			hash, err := domain.ParseInfoHash(hex.EncodeToString(sum[:]))
			if err != nil {
				b.Fatal(err)
			}
			hashes[i] = hash
			file, err := form.CreateFormFile("torrents", strconv.Itoa(i)+".torrent")
			if err != nil {
				b.Fatal(err)
			}
			_, _ = file.Write([]byte("d4:info" + info + "e")) // to memory
		}
		for _, field := range []string{"paused", "stopped"} {
			if err := form.WriteField(field, "true"); err != nil {
				b.Fatal(err)
			}
		}
		if err := form.Close(); err != nil {
			b.Fatal(err)
		}
		bare.post(b, "torrents/add", form.FormDataContentType(), &body)
	}
	wait.Until(b, 2*time.Minute, "all torrents to be at rest", func() bool {
		resting := 0
		for _, torrent := range daemon.Torrents(b) {
			if torrent.State == "pausedDL" || torrent.State == "stoppedDL" {
				resting++
			}
		}
		return resting == many
	})
	return hashes
}

func name(i int) string { return fmt.Sprintf("Some.Torrent.Name.2024.1080p.%d", i) }

// bare is the least that a client can do.
type bare struct{ url, cookie string }

var plain = &http.Client{Transport: &http.Transport{DisableCompression: true}}

func (c *bare) ask(b *testing.B, path string) {
	b.Helper()
	c.do(b, http.MethodGet, path, "", http.NoBody)
}

func (c *bare) post(b *testing.B, path, contentType string, body io.Reader) {
	b.Helper()
	c.do(b, http.MethodPost, path, contentType, body)
}

func (c *bare) do(b *testing.B, method, path, contentType string, body io.Reader) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, c.url+path, body)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	if c.cookie != "" {
		request.Header.Set("Cookie", c.cookie)
	}
	response, err := plain.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	for _, cookie := range response.Cookies() {
		c.cookie = cookie.Name + "=" + cookie.Value
	}
	if _, err := figure.Drain(response.Body); err != nil || response.StatusCode != http.StatusOK {
		b.Fatalf("%s: %s, error %v", path, response.Status, err)
	}
}
