package qbittorrent_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/qbittorrent"
	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/qbittorrent"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
)

const many = 5_000

// BenchmarkTransfers compares a check of 5,000 torrents with the bare request that
// it takes, in turn, on real daemons: "full" is a check by a client that knows
// nothing yet, "delta" one soon after another, "few" one of 5 of them, and "list"
// tells of everything, for adoption. The ratio is that of the medians.
func BenchmarkTransfers(b *testing.B) {
	for _, version := range testdaemon.Versions() {
		b.Run(string(version), func(b *testing.B) {
			daemon := testdaemon.Start(b, version)
			hashes := fill(b, daemon)
			check := func(client ports.TorrentClient, hashes []domain.InfoHash) {
				report, err := client.Transfers(b.Context(), hashes)
				if err != nil || len(report.Transfers) != len(hashes) {
					b.Fatalf("%d transfers, error %v", len(report.Transfers), err)
				}
			}
			bare := &bare{url: daemon.URL()}
			client := open(b, daemon.Address(), domain.Credentials{})
			check(client, hashes)
			clock := newFakeClock()
			forgetful := open(b, daemon.Address(), domain.Credentials{}, qbittorrent.WithClock(clock.Now))
			compare(b, "full", func() { bare.ask(b, "sync/maindata?rid=0") }, func() {
				clock.pass(time.Hour)
				check(forgetful, hashes)
			})
			bare.ask(b, "sync/maindata?rid=0")
			compare(b, "delta", func() { bare.ask(b, "sync/maindata?rid="+strconv.Itoa(bare.rid)) }, func() { check(client, hashes) })
			named := make([]string, 5)
			for i := range named {
				named[i] = hashes[i].String()
			}
			compare(b, "few", func() { bare.ask(b, "torrents/info?hashes="+strings.Join(named, "|")) }, func() { check(client, hashes[:5]) })
			compare(b, "list", func() { bare.ask(b, "torrents/info") }, func() {
				if list, err := client.List(b.Context()); err != nil || len(list) != many {
					b.Fatalf("%d transfers, error %v", len(list), err)
				}
			})
		})
	}
}

// compare measures two things in turn.
func compare(b *testing.B, name string, bare, ours func()) {
	b.Run(name, func(b *testing.B) {
		var took [2][]time.Duration
		for b.Loop() {
			for i, do := range []func(){bare, ours} {
				begun := time.Now()
				do()
				took[i] = append(took[i], time.Since(begun))
			}
		}
		median := func(all []time.Duration) float64 {
			slices.Sort(all)
			return float64(all[len(all)/2])
		}
		b.ReportMetric(0, "ns/op") // of both together: no figure
		b.ReportMetric(median(took[0])/1e6, "bare-ms")
		b.ReportMetric(median(took[1])/1e6, "ours-ms")
		b.ReportMetric(median(took[1])/median(took[0]), "ratio")
	})
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
type bare struct {
	url, cookie string
	rid         int
}

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
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatalf("%s: %s, error %v", path, response.Status, err)
	}
	if _, rest, found := bytes.Cut(answer, []byte(`"rid":`)); found {
		_, _ = fmt.Sscanf(string(rest[:min(len(rest), 20)]), "%d", &c.rid)
	}
}
