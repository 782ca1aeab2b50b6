package rtorrent_test

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/rtorrent"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/faultproxy"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/rtorrent"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

var update = flag.Bool("update", false, "write testdata/proven-*.txt anew")

// harness is what the suite is given, at the daemon's own port.
func harness(version testdaemon.Version) portstest.TorrentClientHarness {
	return portstest.TorrentClientHarness{
		Type: rtorrent.Type, Declared: rtorrent.Capabilities,
		Version: string(version), Proven: "testdata/proven-" + string(version) + ".txt", Update: *update,
		Start: func(t *testing.T) portstest.TorrentDaemon { return stand(t, testdaemon.Start(t, version)) },
		Wrong: map[string]string{
			"XML of another shape": xmlHeader + "<methodResponse><params><param><value><i8>5</i8></value></param></params></methodResponse>",
			"half of it":           xmlHeader + begin, "JSON": xmlHeader + `{"result":"success"}`,
			"a page":                   "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html><title>Sign in</title>",
			"an error of the protocol": xmlHeader + fmt.Sprintf(faultOf, -506, "Method not defined"),
		},
		Endless: xmlHeader + begin,
		Capabilities: portstest.TorrentClientCapabilities{
			Remote: true, Stops: true, DiskErrors: true, TellsFinishTime: true, RatioStops: true, TellsTrackerTrouble: true, Warns: true,
			Proxied: true, HidesMagnetNames: true,
		},
	}
}

// The contract, on real daemons by SCGI.
func TestTorrentClient(t *testing.T) {
	t.Parallel()
	for _, version := range testdaemon.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			portstest.TorrentClient(t, harness(version))
		})
	}
}

// What differs by a web server in front is how it is asked, and that it asks for a
// password.
func TestAWebServerInFront(t *testing.T) {
	t.Parallel()
	credentials := domain.Credentials{Username: "user", Password: "pass: wörd"}
	web := harness(testdaemon.V016)
	web.Proven = ""
	web.Start = func(t *testing.T) portstest.TorrentDaemon {
		daemon := testdaemon.Start(t, testdaemon.V016)
		url := daemon.Bridge(t, credentials.Username, credentials.Password)
		stands := stand(t, daemon)
		stands.Open = func(t *testing.T) ports.OpenClient { return open(t, url, credentials) }
		stands.OpenSettled = func(t *testing.T) ports.OpenClient {
			return open(t, url, credentials, rtorrent.WithSettlingTime(0))
		}
		return stands
	}
	t.Run("control", func(t *testing.T) { portstest.TransferControl(t, web) })
	t.Run("details", func(t *testing.T) { portstest.TransferDetails(t, web) })
	t.Run("listing", func(t *testing.T) { portstest.TransferListing(t, web) })
	t.Run("wrong credentials are told", func(t *testing.T) {
		url := testdaemon.Start(t, testdaemon.V016).Bridge(t, credentials.Username, credentials.Password)
		for _, wrong := range []domain.Credentials{{}, {Username: "user", Password: "wrong"}} {
			for method, call := range calls(t, open(t, url, wrong)) {
				if err := call(t.Context()); domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), "password") {
					t.Errorf("%s: error %v; want one of kind %s that tells of the password", method, err, domain.KindUnavailable)
				}
			}
		}
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

// stand is a daemon as the suite wants it, at its own port.
func stand(t *testing.T, daemon *testdaemon.Daemon) portstest.TorrentDaemon {
	t.Helper()
	none := domain.Credentials{}
	return portstest.TorrentDaemon{
		Open: func(t *testing.T) ports.OpenClient { return open(t, daemon.URL(), none) },
		OpenSettled: func(t *testing.T) ports.OpenClient {
			return open(t, daemon.URL(), none, rtorrent.WithSettlingTime(0))
		},
		Proxy: func(t *testing.T) portstest.FaultProxy { return faultproxy.New(t, "tcp", daemon.Address()) },
		OpenAt: func(t *testing.T, address string) ports.OpenClient {
			return open(t, address, none, rtorrent.WithTimeout(5*time.Second))
		},
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
		Settings:  func(t *testing.T, hash domain.InfoHash) domain.TransferSettings { return settings(t, daemon, hash) },
		NewFolder: func(t *testing.T) string { return t.TempDir() },
		StopAtRatio: func(t *testing.T) {
			daemon.Call(t, "method.set_key", "", "event.download.finished", "enough", "d.stop=")
		},
		Seed:      func(t *testing.T, size int) portstest.TorrentSeed { return seed(t, daemon, size) },
		SeedFiles: func(t *testing.T, sizes ...int) portstest.TorrentSeed { return seed(t, daemon, sizes...) },
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
