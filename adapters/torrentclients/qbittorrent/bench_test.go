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
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/qbittorrent"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
)

const many = 5_000

// BenchmarkTransfers compares a check of 5,000 torrents with the bare requests
// that list them, on real daemons: "bare full" and "bare delta" are sync/maindata
// alone, "full" is a check by a client that knows nothing yet, "delta" one soon
// after another, and "few" one of 5 of them. "bare list" and "list" are about
// everything that the daemon holds, for adoption.
func BenchmarkTransfers(b *testing.B) {
	for _, version := range testdaemon.Versions() {
		b.Run(string(version), func(b *testing.B) {
			daemon := testdaemon.Start(b, version)
			hashes := fill(b, daemon)
			check := func(b *testing.B, client ports.TorrentClient, hashes []domain.InfoHash) {
				b.Helper()
				report, err := client.Transfers(b.Context(), hashes)
				if err != nil || len(report.Transfers) != len(hashes) {
					b.Fatalf("%d transfers, error %v", len(report.Transfers), err)
				}
			}
			b.Run("bare full", func(b *testing.B) {
				bare := &bare{url: daemon.URL()}
				for b.Loop() {
					bare.ask(b, "sync/maindata?rid=0")
				}
			})
			b.Run("full", func(b *testing.B) {
				clock := newFakeClock()
				client := open(b, daemon.Address(), domain.Credentials{}, qbittorrent.WithClock(clock.Now))
				for b.Loop() {
					clock.pass(time.Hour)
					check(b, client, hashes)
				}
			})
			b.Run("bare delta", func(b *testing.B) {
				bare := &bare{url: daemon.URL()}
				bare.ask(b, "sync/maindata?rid=0")
				for rid := 1; b.Loop(); rid++ {
					bare.ask(b, "sync/maindata?rid="+strconv.Itoa(rid))
				}
			})
			b.Run("delta", func(b *testing.B) {
				client := open(b, daemon.Address(), domain.Credentials{})
				check(b, client, hashes)
				for b.Loop() {
					check(b, client, hashes)
				}
			})
			b.Run("few", func(b *testing.B) {
				client := open(b, daemon.Address(), domain.Credentials{})
				for b.Loop() {
					check(b, client, hashes[:5])
				}
			})
			b.Run("bare list", func(b *testing.B) {
				bare := &bare{url: daemon.URL()}
				for b.Loop() {
					bare.ask(b, "torrents/info")
				}
			})
			b.Run("list", func(b *testing.B) {
				client := open(b, daemon.Address(), domain.Credentials{})
				for b.Loop() {
					if list, err := client.List(b.Context()); err != nil || len(list) != many {
						b.Fatalf("%d transfers, error %v", len(list), err)
					}
				}
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
	if _, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
		b.Fatalf("%s: %s, error %v", path, response.Status, err)
	}
}
