package qbittorrent_test

import (
	"context"
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

	"github.com/clarion-app/download-manager/adapters/torrentclients/qbittorrent"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/faultproxy"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/qbittorrent"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

var update = flag.Bool("update", false, "write testdata/proven-*.txt anew")

// The contract, on real daemons: 4.5 and 5.3 have other names for several things.
func TestTorrentClient(t *testing.T) {
	t.Parallel()
	for _, version := range testdaemon.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			portstest.TorrentClient(t, portstest.TorrentClientHarness{
				Type: qbittorrent.Type, Declared: qbittorrent.Capabilities,
				Version: string(version), Proven: "testdata/proven-" + string(version) + ".txt", Update: *update,
				Start: func(t *testing.T) portstest.TorrentDaemon { return start(t, version) },
				Wrong: map[string]string{
					"JSON of another shape": `{"result":[5]}`, "half of it": `{"rid":1,"full_update":true,"torrents":{"a`,
					"half a list": `[{"hash":"`, "nothing": `null`,
				},
				Endless: `{"rid":1,"full_update":true,"torrents":{`,
				Capabilities: portstest.TorrentClientCapabilities{
					Remote: true, Credentials: true, Stops: true, DiskErrors: true, TellsFinishTime: true, TakesV2: true,
					RatioStops: true, TellsTrackerTrouble: true, Warns: version == testdaemon.V5,
					Proxied: true, HTTP: true,
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
	return portstest.TorrentDaemon{
		Open:  func(t *testing.T) ports.OpenClient { return open(t, daemon.Address(), credentials) },
		Proxy: func(t *testing.T) portstest.FaultProxy { return faultproxy.New(t, "tcp", daemon.Address()) },
		OpenAt: func(t *testing.T, address string) ports.OpenClient {
			return open(t, address, credentials, qbittorrent.WithTimeout(5*time.Second))
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
		Wake:         func(*testing.T) { daemon.Continue() },
		AddByHand:    func(t *testing.T, magnet domain.Magnet) { daemon.Add(t, magnet.String(), magnet.InfoHash().String()) },
		RemoveByHand: func(t *testing.T, hash domain.InfoHash) { daemon.Remove(t, hash.String()) },
		StopByHand:   func(t *testing.T, hash domain.InfoHash) { daemon.StopTorrent(t, hash.String()) },
		BreakDisk: func(t *testing.T) {
			// What is below a file cannot be written, not even by root.
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			daemon.SetPreference(t, "save_path", filepath.Join(file, "below"))
		},
		Settings:  func(t *testing.T, hash domain.InfoHash) domain.TransferSettings { return settings(t, daemon, hash) },
		NewFolder: func(t *testing.T) string { return t.TempDir() },
		StopAtRatio: func(t *testing.T) {
			daemon.SetPreference(t, "max_ratio_enabled", true)
			daemon.SetPreference(t, "max_ratio", 0)
		},
		Seed:      func(t *testing.T, size int) portstest.TorrentSeed { return seed(t, daemon, size) },
		SeedFiles: func(t *testing.T, sizes ...int) portstest.TorrentSeed { return seed(t, daemon, sizes...) },
	}
}

// settings reads how a daemon treats a transfer.
func settings(t *testing.T, daemon *testdaemon.Daemon, hash domain.InfoHash) domain.TransferSettings {
	t.Helper()
	for _, torrent := range daemon.Torrents(t) {
		if torrent.Hash == hash.String() {
			return domain.TransferSettings{
				Name: &torrent.Name, Label: &torrent.Category, Folder: &torrent.SavePath,
				DownloadLimit: &torrent.DownLimit, UploadLimit: &torrent.UpLimit,
			}
		}
	}
	return domain.TransferSettings{}
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
func open(t testing.TB, address string, credentials domain.Credentials, options ...qbittorrent.Option) ports.OpenClient {
	t.Helper()
	client, err := qbittorrent.New(options...).Open(domain.Server{Address: address, Credentials: credentials})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return portstest.Whole(client)
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
