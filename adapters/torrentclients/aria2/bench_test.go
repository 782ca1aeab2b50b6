package aria2_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/aria2"
	"github.com/clarion-app/download-manager/internal/testkit/faultproxy"
	"github.com/clarion-app/download-manager/internal/testkit/figure"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/ports"
)

const many = 5_000

// BenchmarkTransfers compares a check of 5,000 torrents with the bare request for the
// same list, read to its end and thrown away, on real daemons: "full" is a check, and
// "list" everything that the daemon holds, for adoption.
func BenchmarkTransfers(b *testing.B) {
	for _, version := range testdaemon.Versions() {
		b.Run(string(version), func(b *testing.B) {
			daemon := testdaemon.Start(b, version, testdaemon.WithArguments("--rpc-save-upload-metadata=false"))
			proxy := faultproxy.New(b, "tcp", daemon.Address())
			bare := &bare{url: daemon.URL(), http: &http.Client{Transport: &http.Transport{DisableCompression: true}}}
			client, counted := open(b, daemon.Address(), domain.Credentials{}), open(b, proxy.Address(), domain.Credentials{})
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
			ask := func(keys []string) func() {
				lists := []map[string]any{
					{"methodName": "aria2.tellActive", "params": []any{keys}},
					{"methodName": "aria2.tellWaiting", "params": []any{0, 1 << 20, keys}},
					{"methodName": "aria2.tellStopped", "params": []any{0, 1 << 20, keys}},
				}
				return func() { bare.ask(b, "system.multicall", lists) }
			}
			b.Run("full", func(b *testing.B) {
				check := func(client ports.OpenClient) func() {
					return func() {
						report, err := client.Transfers(b.Context(), hashes)
						if err != nil || len(report.Transfers) != many {
							b.Fatalf("%d transfers, error %v", len(report.Transfers), err)
						}
					}
				}
				figure.Requests(b, proxy, check(counted))
				figure.Compare(b, ask(keys), check(client))
			})
			b.Run("list", func(b *testing.B) {
				list := func(client ports.OpenClient) func() {
					return func() {
						if all, err := client.List(b.Context()); err != nil || len(all) != many {
							b.Fatalf("%d transfers, error %v", len(all), err)
						}
					}
				}
				figure.Requests(b, proxy, list(counted))
				figure.Compare(b, ask(append(keys, "dir")), list(client))
			})
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
	if _, err := figure.Drain(response.Body); err != nil || response.StatusCode != http.StatusOK {
		b.Fatal(fmt.Errorf("%s: %s: %w", method, response.Status, err))
	}
}
