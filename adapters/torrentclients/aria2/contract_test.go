package aria2_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/torrentclients/aria2"
	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/aria2"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

// The contract, on real daemons.
func TestTorrentClient(t *testing.T) {
	t.Parallel()
	for _, version := range testdaemon.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			portstest.TorrentClient(t, portstest.TorrentClientHarness{
				Start: func(t *testing.T) portstest.TorrentDaemon { return start(t, version) },
				Capabilities: portstest.TorrentClientCapabilities{
					Remote: true, Credentials: true, Stops: true, DiskErrors: true,
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
		Open: func(t *testing.T) ports.OpenClient { return open(t, daemon.Address(), credentials) },
		OpenWrongly: func(t *testing.T) ports.TorrentClient {
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
		Seed: func(t *testing.T, size int) portstest.TorrentSeed { return seed(t, daemon, size) },
	}
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

// seed makes content that a daemon can download.
func seed(t *testing.T, daemon *testdaemon.Daemon, size int) portstest.TorrentSeed {
	t.Helper()
	const piece = 64 << 10
	id := uuid.New()
	content := seeder.Payload(int64(id.ID()), size)
	source := seeder.New(t, "content "+id.String(), content, piece)
	source.Offer(size / piece / 2)
	magnet, err := domain.ParseMagnet(source.Magnet())
	if err != nil {
		t.Fatal(err)
	}
	return portstest.TorrentSeed{
		Magnet: magnet, Name: source.Name(), Content: content,
		Connect:  func(*testing.T) { source.DialPeer(daemon.PeerAddr()) },
		Complete: func(*testing.T) { source.Offer(size/piece + 1) },
		Downloaded: func(t *testing.T) []byte {
			data, err := os.ReadFile(filepath.Join(daemon.DownloadDir(), source.Name()))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			return data
		},
	}
}
