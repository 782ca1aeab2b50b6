package transmission_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/torrentclients/transmission"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/faultproxy"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/transmission"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

var update = flag.Bool("update", false, "write testdata/proven-*.txt anew")

// The contract, on real daemons: 3.00 speaks the legacy dialect, 4.1 JSON-RPC.
func TestTorrentClient(t *testing.T) {
	t.Parallel()
	for _, version := range testdaemon.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			portstest.TorrentClient(t, portstest.TorrentClientHarness{
				Type: transmission.Type, Declared: transmission.Capabilities,
				Version: string(version), Proven: "testdata/proven-" + string(version) + ".txt", Update: *update,
				Start: func(t *testing.T) portstest.TorrentDaemon { return start(t, version) },
				Wrong: map[string]string{
					"JSON of another shape": `[{"result":5}]`, "half of it": `{"arguments":{"torrents":[["hashString"`,
					"an error of the protocol": `{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":1}`,
				},
				Endless: `{"result":"success","arguments":{`,
				Capabilities: portstest.TorrentClientCapabilities{
					Remote: true, Credentials: true, Stops: true, DiskErrors: true, TellsFinishTime: true, RatioStops: true,
					TellsTrackerTrouble: true, Warns: true, Proxied: true, HTTP: true,
				},
			})
		})
	}
}

// start starts a daemon for the suite.
func start(t *testing.T, version testdaemon.Version) portstest.TorrentDaemon {
	t.Helper()
	credentials := domain.Credentials{Username: "user", Password: "pass: wörd"}
	daemon := testdaemon.Start(t, version, testdaemon.WithAuth(credentials.Username, credentials.Password))
	daemon.KeepPoking(t)
	byHand := func(t *testing.T, method string, hash domain.InfoHash) {
		daemon.RPC(t, method, map[string]any{"ids": []string{hash.String()}})
	}
	return portstest.TorrentDaemon{
		Open: func(t *testing.T) ports.OpenClient { return open(t, daemon.Address(), credentials) },
		OpenSettled: func(t *testing.T) ports.OpenClient {
			return open(t, daemon.Address(), credentials, transmission.WithSettlingTime(0))
		},
		Proxy: func(t *testing.T) portstest.FaultProxy { return faultproxy.New(t, "tcp", daemon.Address()) },
		OpenAt: func(t *testing.T, address string) ports.OpenClient {
			return open(t, address, credentials, transmission.WithTimeout(5*time.Second))
		},
		OpenWrongly: func(t *testing.T) ports.OpenClient {
			return open(t, daemon.Address(), domain.Credentials{Username: "user", Password: "wrong"})
		},
		Stop:    func(*testing.T) { daemon.Stop() },
		Restart: func(*testing.T) { daemon.Restart() },
		Hang: func(t *testing.T) {
			daemon.Pause()
			wait.Until(t, time.Minute, "the daemon to hang", func() bool { return !answers(t, daemon.URL()) })
		},
		Wake: func(*testing.T) { daemon.Continue() },
		AddByHand: func(t *testing.T, magnet domain.Magnet) {
			daemon.RPC(t, "torrent-add", map[string]any{"filename": magnet.String()})
		},
		RemoveByHand: func(t *testing.T, hash domain.InfoHash) { byHand(t, "torrent-remove", hash) },
		StopByHand:   func(t *testing.T, hash domain.InfoHash) { byHand(t, "torrent-stop", hash) },
		BreakDisk: func(t *testing.T) {
			// What is below a file cannot be written, not even by root.
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			daemon.RPC(t, "session-set", map[string]any{"download-dir": filepath.Join(file, "below")})
		},
		Settings:  func(t *testing.T, hash domain.InfoHash) domain.TransferSettings { return settings(t, daemon, hash) },
		NewFolder: func(t *testing.T) string { return t.TempDir() },
		StopAtRatio: func(t *testing.T) {
			daemon.RPC(t, "session-set", map[string]any{"seedRatioLimit": 0, "seedRatioLimited": true})
		},
		Seed:      func(t *testing.T, size int) portstest.TorrentSeed { return seed(t, daemon, size) },
		SeedFiles: func(t *testing.T, sizes ...int) portstest.TorrentSeed { return seed(t, daemon, sizes...) },
	}
}

// answers reports whether anything comes back. A daemon may finish a thing or
// two after it was told to hang.
func answers(t *testing.T, url string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil
}

// open opens a client and closes it with the test.
func open(t testing.TB, address string, credentials domain.Credentials, options ...transmission.Option) ports.OpenClient {
	t.Helper()
	client, err := transmission.New(options...).Open(domain.Server{Address: address, Credentials: credentials})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return portstest.Whole(client)
}

// settings reads how a daemon treats a transfer.
func settings(t *testing.T, daemon *testdaemon.Daemon, hash domain.InfoHash) domain.TransferSettings {
	t.Helper()
	var answer struct {
		Torrents []struct {
			Labels                         []string
			DownloadDir                    string
			BandwidthPriority              int
			DownloadLimited, UploadLimited bool
			DownloadLimit, UploadLimit     int64
		}
	}
	if err := json.Unmarshal(daemon.RPC(t, "torrent-get", map[string]any{"ids": []string{hash.String()}, "fields": []string{
		"labels", "downloadDir", "bandwidthPriority", "downloadLimited", "downloadLimit", "uploadLimited", "uploadLimit",
	}}), &answer); err != nil || len(answer.Torrents) != 1 {
		t.Fatalf("%d torrents, error %v", len(answer.Torrents), err)
	}
	torrent, label, down, up := answer.Torrents[0], "", int64(0), int64(0)
	if len(torrent.Labels) > 0 {
		label = torrent.Labels[0]
	}
	if torrent.DownloadLimited {
		down = torrent.DownloadLimit * 1000
	}
	if torrent.UploadLimited {
		up = torrent.UploadLimit * 1000
	}
	priority := []domain.Priority{domain.PriorityLow, domain.PriorityNormal, domain.PriorityHigh}[torrent.BandwidthPriority+1]
	return domain.TransferSettings{
		Label: &label, Folder: &torrent.DownloadDir, Priority: &priority, DownloadLimit: &down, UploadLimit: &up,
	}
}

// seed makes content that a daemon can download: one file, or several.
func seed(t *testing.T, daemon *testdaemon.Daemon, sizes ...int) portstest.TorrentSeed {
	t.Helper()
	const piece = 64 << 10
	id, size := uuid.New(), 0
	name := "content " + id.String()
	paths, files := []string{name}, []seeder.File{}
	for i, n := range sizes {
		files = append(files, seeder.File{Path: fmt.Sprintf("file %d.bin", i), Size: n})
		size += n
	}
	content := seeder.Payload(int64(id.ID()), size)
	source := seeder.New(t, name, content, piece)
	if len(files) > 1 {
		source, paths = seeder.NewFolder(t, name, files, content, piece), nil
		for _, file := range files {
			paths = append(paths, name+"/"+file.Path)
		}
	}
	source.Offer(source.Pieces() / 2)
	magnet, err := domain.ParseMagnet(source.Magnet())
	if err != nil {
		t.Fatal(err)
	}
	return portstest.TorrentSeed{
		Magnet: magnet, Name: name, Metainfo: source.Metainfo(), Content: content, Paths: paths,
		Connect:    func(*testing.T) { source.DialPeer(daemon.PeerAddr()) },
		AllButLast: func(*testing.T) { source.Offer(source.Pieces() - 1) },
		Complete:   func(*testing.T) { source.Offer(source.Pieces()) },
		File: func(t *testing.T, folder string, index int) []byte {
			if folder == "" {
				folder = daemon.DownloadDir()
			}
			data, err := os.ReadFile(filepath.Join(folder, paths[index]))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			return data
		},
		Damage: func(t *testing.T) {
			path := filepath.Join(daemon.DownloadDir(), paths[0])
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			data[0]++
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	}
}
