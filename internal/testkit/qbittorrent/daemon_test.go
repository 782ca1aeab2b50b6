package qbittorrent_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/qbittorrent"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

func TestDaemon(t *testing.T) {
	t.Parallel()
	for _, version := range qbittorrent.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			t.Run("a magnet that a seeder serves is downloaded", func(t *testing.T) { testDownload(t, version) })
			t.Run("a restart keeps torrents, address and ports", func(t *testing.T) { testRestart(t, version) })
			t.Run("a password is asked for", func(t *testing.T) { testAuth(t, version) })
			t.Run("a paused daemon hangs and goes on", func(t *testing.T) { testPause(t, version) })
		})
	}
}

func testDownload(t *testing.T, version qbittorrent.Version) {
	t.Parallel()
	daemon := qbittorrent.Start(t, version)
	seed := seeder.New(t, "one megabyte.bin", seeder.Payload(1, 1<<20), 64<<10)
	daemon.Add(t, seed.Magnet(), seed.InfoHash())
	seed.Offer(8)
	seed.DialPeer(daemon.PeerAddr())

	wait.Until(t, time.Minute, "the offered half", func() bool { return daemon.Torrents(t)[0].AmountLeft == 1<<19 })
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

func testRestart(t *testing.T, version qbittorrent.Version) {
	t.Parallel()
	daemon := qbittorrent.Start(t, version)
	seed := seeder.New(t, "small", seeder.Payload(2, 1000), 16<<10)
	daemon.Add(t, seed.Magnet(), seed.InfoHash())
	address, peer := daemon.URL(), daemon.PeerAddr()
	daemon.Restart()
	if daemon.URL() != address || daemon.PeerAddr() != peer {
		t.Fatal("moved")
	}
	// The API is not opened before all torrents are loaded.
	if torrents := daemon.Torrents(t); len(torrents) != 1 || torrents[0].Hash != seed.InfoHash() {
		t.Fatalf("%+v", torrents)
	}
	daemon.Kill()
	daemon.Restart()
}

func testAuth(t *testing.T, version qbittorrent.Version) {
	t.Parallel()
	daemon := qbittorrent.Start(t, version, qbittorrent.WithAuth("somebody", "sécret"))
	response, err := http.Get(daemon.URL() + "app/version")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Fatal(response.Status)
	}
	if torrents := daemon.Torrents(t); len(torrents) != 0 {
		t.Fatalf("%+v", torrents)
	}
}

func testPause(t *testing.T, version qbittorrent.Version) {
	t.Parallel()
	daemon := qbittorrent.Start(t, version)
	daemon.Pause()
	client := http.Client{Timeout: 200 * time.Millisecond}
	if response, err := client.Get(daemon.URL()); err == nil {
		_ = response.Body.Close()
		t.Fatal("answered")
	}
	daemon.Continue()
	daemon.Torrents(t)
	client.CloseIdleConnections()
}
