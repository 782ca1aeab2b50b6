package aria2_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/aria2"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
)

const many = 5_000

// BenchmarkTransfers compares a check of 5,000 torrents, on real daemons, with the
// bare request that lists them: as much JSON as a check asks for, read and dropped.
func BenchmarkTransfers(b *testing.B) {
	for _, version := range testdaemon.Versions() {
		b.Run(string(version), func(b *testing.B) {
			daemon := testdaemon.Start(b, version, testdaemon.WithArguments("--rpc-save-upload-metadata=false"))
			bare := &bare{url: daemon.URL(), http: &http.Client{Transport: &http.Transport{DisableCompression: true}}}
			client := open(b, daemon.Address(), domain.Credentials{})
			hashes := make([]domain.InfoHash, many)
			for i := range hashes {
				seed := seeder.New(b, fmt.Sprintf("Some.Torrent.Name.2024.1080p.%d", i), seeder.Payload(int64(i), 100), 16<<10)
				metainfo := append([]byte("d8:announce39:http://tracker.example.invalid/announce"), seed.Metainfo()[1:]...)
				hash, err := domain.ParseInfoHash(seed.InfoHash())
				if err != nil {
					b.Fatal(err)
				}
				hashes[i] = hash
				bare.ask(b, "aria2.addTorrent", base64.StdEncoding.EncodeToString(metainfo), []string{}, map[string]string{"pause": "true"})
			}
			keys := strings.Split("gid,status,infoHash,totalLength,completedLength,uploadLength,downloadSpeed,uploadSpeed,connections,"+
				"errorCode,errorMessage,followedBy,following,verifiedLength,verifyIntegrityPending,bittorrent", ",")
			lists := []map[string]any{
				{"methodName": "aria2.tellActive", "params": []any{keys}},
				{"methodName": "aria2.tellWaiting", "params": []any{0, 1 << 20, keys}},
				{"methodName": "aria2.tellStopped", "params": []any{0, 1 << 20, keys}},
			}
			// In turns, so that whatever else the machine does meets both.
			var bares, checks []time.Duration
			for b.Loop() {
				begun := time.Now()
				bare.ask(b, "system.multicall", lists)
				bares = append(bares, time.Since(begun))
				begun = time.Now()
				report, err := client.Transfers(b.Context(), hashes)
				checks = append(checks, time.Since(begun))
				if err != nil || len(report.Transfers) != many {
					b.Fatalf("%d transfers, error %v", len(report.Transfers), err)
				}
			}
			slices.Sort(bares)
			slices.Sort(checks)
			b.ReportMetric(float64(bares[len(bares)/2].Microseconds())/1000, "bare-ms")
			b.ReportMetric(float64(checks[len(checks)/2].Microseconds())/1000, "check-ms")
			b.ReportMetric(float64(checks[len(checks)/2])/float64(bares[len(bares)/2]), "ratio")
		})
	}
}

// bare is the least that a client can do.
type bare struct {
	url  string
	http *http.Client
}

func (c *bare) ask(b *testing.B, method string, params ...any) {
	b.Helper()
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": "1", "method": method, "params": params})
	if err != nil {
		b.Fatal(err)
	}
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatal(fmt.Errorf("%s: %s: %s: %w", method, response.Status, answer[:min(len(answer), 200)], err))
	}
}
