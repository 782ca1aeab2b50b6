package rtorrent_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/torrentclients/rtorrent"
	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/rtorrent"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

// The contract, on real daemons by SCGI.
func TestTorrentClient(t *testing.T) {
	t.Parallel()
	for _, version := range testdaemon.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			portstest.TorrentClient(t, portstest.TorrentClientHarness{
				Start: func(t *testing.T) portstest.TorrentDaemon { return start(t, version) },
				Capabilities: portstest.TorrentClientCapabilities{
					Remote: true, Stops: true, DiskErrors: true, TellsFinishTime: true,
				},
			})
		})
	}
}

// The same facts hold through a web server in front, which asks for a password.
func TestTorrentClientThroughAWebServer(t *testing.T) {
	t.Parallel()
	credentials := domain.Credentials{Username: "user", Password: "pass: wörd"}
	portstest.TorrentClient(t, portstest.TorrentClientHarness{
		Start: func(t *testing.T) portstest.TorrentDaemon {
			daemon := testdaemon.Start(t, testdaemon.V016)
			url := daemon.Bridge(t, credentials.Username, credentials.Password)
			stands := stand(t, daemon)
			stands.Open = func(t *testing.T) ports.OpenClient { return open(t, url, credentials) }
			stands.OpenWrongly = func(t *testing.T) ports.TorrentClient {
				return open(t, url, domain.Credentials{Username: "user", Password: "wrong"})
			}
			return stands
		},
		Capabilities: portstest.TorrentClientCapabilities{
			Remote: true, Credentials: true, Stops: true, DiskErrors: true, TellsFinishTime: true,
		},
	})
}

// What differs by a unix socket is only how it is dialled.
func TestAUnixSocket(t *testing.T) {
	each(t, func(t *testing.T, version testdaemon.Version) {
		daemon := testdaemon.Start(t, version, testdaemon.WithSocket())
		path := strings.TrimPrefix(daemon.URL(), "unix://")
		seed := seed(t, daemon, 100_000)
		for _, address := range []string{"unix://" + path, "scgi://" + path, path} {
			client := open(t, address, domain.Credentials{})
			info, err := client.Probe(t.Context())
			if err != nil || !strings.HasPrefix(info.Version, string(version)) || info.FreeSpace == nil {
				t.Fatalf("%s: %+v, error %v", address, info, err)
			}
			if _, err := client.Add(t.Context(), domain.Handover{Magnet: seed.Magnet}); err != nil {
				t.Fatal(err)
			}
		}
		seed.Complete(t)
		seed.Connect(t)
		client := open(t, daemon.URL(), domain.Credentials{})
		awaitFinished(t, client, seed.Magnet.InfoHash())
		daemon.Stop()
		_, err := client.Probe(t.Context())
		if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), path) {
			t.Errorf("error %v; want one of kind %s that names the socket", err, domain.KindUnavailable)
		}
	})
}

// start starts a daemon for the suite.
func start(t *testing.T, version testdaemon.Version) portstest.TorrentDaemon {
	t.Helper()
	return stand(t, testdaemon.Start(t, version))
}

// stand is a daemon as the suite wants it, at its SCGI port.
func stand(t *testing.T, daemon *testdaemon.Daemon) portstest.TorrentDaemon {
	t.Helper()
	return portstest.TorrentDaemon{
		Open:    func(t *testing.T) ports.OpenClient { return open(t, daemon.URL(), domain.Credentials{}) },
		Stop:    func(*testing.T) { daemon.Stop() },
		Restart: func(*testing.T) { daemon.Restart() },
		Hang: func(t *testing.T) {
			daemon.Pause()
			wait.Until(t, time.Minute, "the daemon to hang", func() bool { return !answers(t, daemon.Address()) })
		},
		Wake: func(*testing.T) { daemon.Continue() },
		AddByHand: func(t *testing.T, magnet domain.Magnet) {
			daemon.Call(t, "load.start", "", magnet.String())
		},
		RemoveByHand: func(t *testing.T, hash domain.InfoHash) { daemon.Call(t, "d.erase", target(hash)) },
		StopByHand:   func(t *testing.T, hash domain.InfoHash) { daemon.Call(t, "d.stop", target(hash)) },
		BreakDisk: func(t *testing.T) {
			// What is below a file cannot be written, not even by root.
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			daemon.Call(t, "directory.default.set", "", filepath.Join(file, "below"))
		},
		Seed: func(t *testing.T, size int) portstest.TorrentSeed { return seed(t, daemon, size) },
	}
}

func target(hash domain.InfoHash) string { return strings.ToUpper(hash.String()) }

// answers reports whether anything comes back. A daemon may finish a thing or
// two after it was told to hang.
func answers(t *testing.T, address string) bool {
	t.Helper()
	conn, err := (&net.Dialer{Timeout: 300 * time.Millisecond}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	body := "<methodCall><methodName>system.pid</methodName></methodCall>"
	headers := fmt.Sprintf("CONTENT_LENGTH\x00%d\x00SCGI\x001\x00", len(body))
	if _, err := fmt.Fprintf(conn, "%d:%s,%s", len(headers), headers, body); err != nil {
		return false
	}
	n, err := conn.Read(make([]byte, 10))
	return err == nil && n > 0
}

// open opens a client and closes it with the test.
func open(t testing.TB, address string, credentials domain.Credentials, options ...rtorrent.Option) ports.OpenClient {
	t.Helper()
	client, err := rtorrent.New(options...).Open(domain.Server{Address: address, Credentials: credentials})
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
