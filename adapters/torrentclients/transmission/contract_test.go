package transmission_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/torrentclients/transmission"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/transmission"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

// The contract, on real daemons: 3.00 speaks the legacy dialect, 4.1 JSON-RPC.
func TestTorrentClient(t *testing.T) {
	t.Parallel()
	for _, version := range testdaemon.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			portstest.TorrentClient(t, portstest.TorrentClientHarness{
				Start: func(t *testing.T) portstest.TorrentDaemon { return start(t, version) },
				Capabilities: portstest.TorrentClientCapabilities{
					Remote: true, Credentials: true, Stops: true, DiskErrors: true, TellsFinishTime: true,
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
		OpenWrongly: func(t *testing.T) ports.TorrentClient {
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
		Seed: func(t *testing.T, size int) portstest.TorrentSeed { return seed(t, daemon, size) },
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
