package transmission_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/transmission"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

func TestDaemon(t *testing.T) {
	t.Parallel()
	for _, version := range transmission.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			t.Run("a magnet that a seeder serves is downloaded", func(t *testing.T) { testDownload(t, version) })
			t.Run("a restart keeps torrents, address and ports", func(t *testing.T) { testRestart(t, version) })
			t.Run("a password and a path are asked for", func(t *testing.T) { testOptions(t, version) })
			t.Run("a paused daemon hangs and goes on", func(t *testing.T) { testPause(t, version) })
		})
	}
}

func testDownload(t *testing.T, version transmission.Version) {
	t.Parallel()
	daemon := transmission.Start(t, version)
	daemon.KeepPoking(t)
	seed := seeder.New(t, "one megabyte.bin", seeder.Payload(1, 1<<20), 64<<10)
	daemon.RPC(t, "torrent-add", map[string]any{"filename": seed.Magnet()})
	seed.Offer(8)
	seed.DialPeer(daemon.PeerAddr())

	wait.Until(t, time.Minute, "the offered half", func() bool {
		return daemon.Torrents(t)[0].LeftUntilDone == 1<<19
	})
	seed.Offer(16)
	wait.Until(t, time.Minute, "the whole", func() bool { return daemon.Torrents(t)[0].Finished() })
	got, err := os.ReadFile(filepath.Join(daemon.DownloadDir(), seed.Name()))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, seed.Payload()) {
		t.Fatal("the downloaded file differs from the seeder's")
	}
}

func testRestart(t *testing.T, version transmission.Version) {
	t.Parallel()
	daemon := transmission.Start(t, version)
	seed := seeder.New(t, "small", seeder.Payload(2, 1000), 16<<10)
	daemon.RPC(t, "torrent-add", map[string]any{"filename": seed.Magnet(), "paused": true})
	url, peer := daemon.URL(), daemon.PeerAddr()
	daemon.Restart()
	if daemon.URL() != url || daemon.PeerAddr() != peer {
		t.Fatal("moved")
	}
	wait.Until(t, time.Minute, "the torrent", func() bool {
		torrents := daemon.Torrents(t)
		return len(torrents) == 1 && torrents[0].HashString == seed.InfoHash()
	})
	daemon.Kill()
	daemon.Restart()
}

func testOptions(t *testing.T, version transmission.Version) {
	t.Parallel()
	downloads := t.TempDir()
	daemon := transmission.Start(t, version, transmission.WithAuth("somebody", "secret"),
		transmission.WithRPCPath("/behind/a/proxy/"), transmission.WithDownloadDir(downloads))
	response, err := http.Post("http://"+daemon.Address()+"/behind/a/proxy/rpc", "application/json", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		t.Fatal(response.Status)
	}
	var session map[string]any
	if err := json.Unmarshal(daemon.RPC(t, "session-get", nil), &session); err != nil {
		t.Fatal(err)
	}
	if session["download-dir"] != downloads {
		t.Fatalf("downloads to %v", session["download-dir"])
	}
}

func testPause(t *testing.T, version transmission.Version) {
	t.Parallel()
	daemon := transmission.Start(t, version)
	daemon.Pause()
	client := http.Client{Timeout: 200 * time.Millisecond}
	if response, err := client.Post(daemon.URL(), "application/json", nil); err == nil {
		_ = response.Body.Close()
		t.Fatal("answered")
	}
	daemon.Continue()
	daemon.RPC(t, "session-get", nil)
	client.CloseIdleConnections()
}
