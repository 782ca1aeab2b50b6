package aria2_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/torrentclients/aria2"
	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/aria2"
	"github.com/clarion-app/download-manager/internal/testkit/faultproxy"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

var update = flag.Bool("update", false, "write testdata/proven-*.txt anew")

// The contract, on real daemons.
func TestTorrentClient(t *testing.T) {
	t.Parallel()
	for _, version := range testdaemon.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			portstest.TorrentClient(t, portstest.TorrentClientHarness{
				Type: aria2.Type, Declared: aria2.Capabilities,
				Version: string(version), Proven: "testdata/proven-" + string(version) + ".txt", Update: *update,
				Start: func(t *testing.T) portstest.TorrentDaemon { return start(t, version) },
				Wrong: map[string]string{
					"JSON of another shape": `[{"result":5}]`, "half of it": `{"result":[[[{"gid":"`, "too little": `{"result":[[[]]]}`,
					"a number for a text": `{"result":[[[{"gid":1}]],[[]],[[]]]}`,
				},
				Endless: `{"id":"1","jsonrpc":"2.0","result":[[[`,
				Capabilities: portstest.TorrentClientCapabilities{
					Remote: true, Credentials: true, Stops: true, DiskErrors: true, RatioStops: true, Proxied: true, HTTP: true,
				},
			})
		})
	}
}

// start starts a daemon for the suite.
func start(t *testing.T, version testdaemon.Version) portstest.TorrentDaemon {
	t.Helper()
	credentials := domain.Credentials{Password: "sécret: 1"}
	daemon := testdaemon.Start(t, version, testdaemon.WithSecret(credentials.Password))
	return portstest.TorrentDaemon{
		Open:  func(t *testing.T) ports.OpenClient { return open(t, daemon.Address(), credentials) },
		Proxy: func(t *testing.T) portstest.FaultProxy { return faultproxy.New(t, "tcp", daemon.Address()) },
		OpenAt: func(t *testing.T, address string) ports.OpenClient {
			return open(t, address, credentials, aria2.WithTimeout(5*time.Second))
		},
		OpenWrongly: func(t *testing.T) ports.OpenClient {
			return open(t, daemon.Address(), domain.Credentials{Password: "wrong"})
		},
		Stop:    func(*testing.T) { daemon.Stop() },
		Restart: func(*testing.T) { daemon.Restart() },
		Hang:    func(*testing.T) { daemon.Pause() },
		Wake:    func(*testing.T) { daemon.Continue() },
		AddByHand: func(t *testing.T, magnet domain.Magnet) {
			daemon.RPC(t, "aria2.addUri", []string{magnet.String()})
		},
		RemoveByHand: func(t *testing.T, hash domain.InfoHash) { daemon.RemoveByHand(t, hash.String()) },
		StopByHand: func(t *testing.T, hash domain.InfoHash) {
			daemon.RPC(t, "aria2.forcePause", daemon.Held(t, hash.String()))
		},
		BreakDisk: func(t *testing.T) {
			// What is below a file cannot be written, not even by root.
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			daemon.RPC(t, "aria2.changeGlobalOption", map[string]string{"dir": filepath.Join(file, "below")})
		},
		Settings: func(t *testing.T, hash domain.InfoHash) domain.TransferSettings { return settings(t, daemon, hash) },
		StopAtRatio: func(t *testing.T) {
			daemon.RPC(t, "aria2.changeGlobalOption", map[string]string{"seed-time": "0"})
		},
		Seed:      func(t *testing.T, size int) portstest.TorrentSeed { return seed(t, daemon, size) },
		SeedFiles: func(t *testing.T, sizes ...int) portstest.TorrentSeed { return seed(t, daemon, sizes...) },
	}
}

// settings reads how a daemon treats a transfer.
func settings(t *testing.T, daemon *testdaemon.Daemon, hash domain.InfoHash) domain.TransferSettings {
	t.Helper()
	var options struct {
		Down int64 `json:"max-download-limit,string"`
		Up   int64 `json:"max-upload-limit,string"`
	}
	daemon.Ask(t, &options, "aria2.getOption", daemon.Held(t, hash.String()))
	return domain.TransferSettings{DownloadLimit: &options.Down, UploadLimit: &options.Up}
}

// open opens a client and closes it with the test.
func open(t testing.TB, address string, credentials domain.Credentials, options ...aria2.Option) ports.OpenClient {
	t.Helper()
	client, err := aria2.New(options...).Open(domain.Server{Address: address, Credentials: credentials})
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
