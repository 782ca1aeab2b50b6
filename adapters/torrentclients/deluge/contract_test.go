package deluge_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/clarion-app/download-manager/adapters/torrentclients/deluge"
	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/deluge"
	"github.com/clarion-app/download-manager/internal/testkit/faultproxy"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

func TestMain(m *testing.M) {
	testdaemon.Relay()
	goleak.VerifyTestMain(m)
}

var update = flag.Bool("update", false, "write testdata/proven-*.txt anew")

// The contract, on real daemons.
func TestTorrentClient(t *testing.T) {
	t.Parallel()
	for _, version := range testdaemon.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			portstest.TorrentClient(t, portstest.TorrentClientHarness{
				Type: deluge.Type, Declared: deluge.Capabilities,
				Version: string(version), Proven: "testdata/proven-" + string(version) + ".txt", Update: *update,
				Wrong: map[string]string{
					"a message of Deluge 1": "\x78\x9c and so on", "half a message": message("\xc3\x01\x01")[:8],
					"a message that is no rencode": message("d3:abce"), "a number in its place": message("\x05"),
				},
				// A message of a megabyte that begins well, with a stored block of 64 KB.
				Endless: "\x01\x00\x10\x00\x00\x78\x01\x00\xff\xff\x00\x00",
				Start:   func(t *testing.T) portstest.TorrentDaemon { return start(t, version) },
				Capabilities: portstest.TorrentClientCapabilities{
					Remote: true, Credentials: true, Stops: true, DiskErrors: true, TellsFinishTime: true,
					TellsTrackerTrouble: true, Warns: true, RatioStops: true, LosesMagnets: version == testdaemon.V20, Proxied: true,
				},
			})
		})
	}
}

// message is one as daemons send it.
func message(plain string) string {
	var content bytes.Buffer
	deflate := zlib.NewWriter(&content)
	_, _ = deflate.Write([]byte(plain))
	_ = deflate.Close()
	header := binary.BigEndian.AppendUint32([]byte{1}, uint32(content.Len()))
	return string(header) + content.String()
}

// start starts a daemon for the suite.
func start(t *testing.T, version testdaemon.Version) portstest.TorrentDaemon {
	t.Helper()
	credentials := domain.Credentials{Username: "user", Password: "pass wörd"}
	daemon := testdaemon.Start(t, version, testdaemon.WithAccount(credentials.Username, credentials.Password), testdaemon.WithLabels())
	return portstest.TorrentDaemon{
		Open:  func(t *testing.T) ports.OpenClient { return portstest.Whole(open(t, daemon.Address(), credentials)) },
		Proxy: func(t *testing.T) portstest.FaultProxy { return faultproxy.NewTLS(t, daemon.Address()) },
		OpenAt: func(t *testing.T, address string) ports.OpenClient {
			return portstest.Whole(open(t, address, credentials, deluge.WithTimeout(3*time.Second)))
		},
		OpenWrongly: func(t *testing.T) ports.OpenClient {
			return portstest.Whole(open(t, daemon.Address(), domain.Credentials{Username: "user", Password: "wrong"}))
		},
		Stop:    func(*testing.T) { daemon.Stop() },
		Restart: func(*testing.T) { daemon.Restart() },
		Hang: func(t *testing.T) {
			daemon.Pause()
			wait.Until(t, time.Minute, "the daemon to hang", func() bool { return !answers(t, daemon.Address()) })
		},
		Wake: func(*testing.T) { daemon.Continue() },
		AddByHand: func(t *testing.T, magnet domain.Magnet) {
			daemon.RPC(t, "core.add_torrent_magnet", magnet.String(), map[string]any{})
		},
		RemoveByHand: func(t *testing.T, hash domain.InfoHash) { daemon.RPC(t, "core.remove_torrent", hash.String(), false) },
		StopByHand:   func(t *testing.T, hash domain.InfoHash) { daemon.RPC(t, "core.pause_torrent", hash.String()) },
		BreakDisk: func(t *testing.T) {
			// What is below a file cannot be written, not even by root.
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			daemon.RPC(t, "core.set_config", map[string]any{"download_location": filepath.Join(file, "below")})
		},
		Settings:  func(t *testing.T, hash domain.InfoHash) domain.TransferSettings { return settings(t, daemon, hash) },
		NewFolder: func(t *testing.T) string { return t.TempDir() },
		StopAtRatio: func(t *testing.T) {
			daemon.RPC(t, "core.set_config", map[string]any{"stop_seed_at_ratio": true, "stop_seed_ratio": 0})
		},
		Seed:      func(t *testing.T, size int) portstest.TorrentSeed { return seed(t, daemon, size) },
		SeedFiles: func(t *testing.T, sizes ...int) portstest.TorrentSeed { return seed(t, daemon, sizes...) },
	}
}

// settings reads how a daemon treats a transfer.
func settings(t *testing.T, daemon *testdaemon.Daemon, hash domain.InfoHash) domain.TransferSettings {
	t.Helper()
	keys := []any{"name", "label", "download_location", "max_download_speed", "max_upload_speed"}
	status, _ := daemon.RPC(t, "core.get_torrent_status", hash.String(), keys).(map[string]any)
	text := func(key string) *string {
		value, ok := status[key].(string)
		if !ok {
			return nil
		}
		return &value
	}
	limit := func(key string) *int64 {
		var limit int64
		switch value := status[key].(type) {
		case int:
			limit = int64(value) * 1024
		case float64:
			limit = int64(value * 1024)
		}
		limit = max(0, limit)
		return &limit
	}
	return domain.TransferSettings{
		Name: text("name"), Label: text("label"), Folder: text("download_location"),
		DownloadLimit: limit("max_download_speed"), UploadLimit: limit("max_upload_speed"),
	}
}

// answers reports whether anything comes back: a greeting that is none is refused at
// once by TLS.
func answers(t *testing.T, address string) bool {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(300 * time.Millisecond))
	_, _ = conn.Write([]byte("hello\r\n\r\n"))
	_, err = conn.Read(make([]byte, 1))
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

// open opens a client and closes it with the test.
func open(t testing.TB, address string, credentials domain.Credentials, options ...deluge.Option) *deluge.Client {
	t.Helper()
	client, err := deluge.New(options...).Open(domain.Server{Address: address, Credentials: credentials})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
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
