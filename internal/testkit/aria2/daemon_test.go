package aria2_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/aria2"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

func TestDaemon(t *testing.T) {
	t.Parallel()
	for _, version := range aria2.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			t.Run("a magnet that a seeder serves is downloaded", func(t *testing.T) { testDownload(t, version) })
			t.Run("a restart keeps torrents, address and ports", func(t *testing.T) { testRestart(t, version) })
			t.Run("a secret is asked for", func(t *testing.T) { testSecret(t, version) })
			t.Run("a paused daemon hangs and goes on", func(t *testing.T) { testPause(t, version) })
		})
	}
}

func testDownload(t *testing.T, version aria2.Version) {
	t.Parallel()
	daemon := aria2.Start(t, version)
	seed := seeder.New(t, "one megabyte.bin", seeder.Payload(1, 1<<20), 64<<10)
	daemon.RPC(t, "aria2.addUri", []string{seed.Magnet()})
	seed.Offer(8)
	seed.DialPeer(daemon.PeerAddr())
	wait.Until(t, time.Minute, "the offered half", func() bool {
		for _, download := range daemon.Downloads(t) {
			if download.CompletedLength == "524288" {
				return true
			}
		}
		return false
	})
	seed.Offer(16)
	wait.Until(t, time.Minute, "the whole", func() bool {
		for _, download := range daemon.Downloads(t) {
			if download.InfoHash == seed.InfoHash() && download.Seeding() {
				return true
			}
		}
		return false
	})
	got, err := os.ReadFile(filepath.Join(daemon.DownloadDir(), seed.Name()))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, seed.Payload()) {
		t.Fatal("the downloaded file differs from the seeder's")
	}
}

func testRestart(t *testing.T, version aria2.Version) {
	t.Parallel()
	daemon := aria2.Start(t, version)
	seed := seeder.New(t, "small", seeder.Payload(2, 1000), 16<<10)
	daemon.RPC(t, "aria2.addUri", []string{seed.Magnet()})
	url, peer := daemon.URL(), daemon.PeerAddr()
	daemon.Restart()
	if daemon.URL() != url || daemon.PeerAddr() != peer {
		t.Fatal("moved")
	}
	if daemon.Held(t, seed.InfoHash()) == "" {
		t.Fatal("the torrent is gone")
	}
	daemon.Stop()
	daemon.Forget()
	daemon.Restart()
	if daemon.Held(t, seed.InfoHash()) != "" {
		t.Fatal("the torrent is still there")
	}
	daemon.RPC(t, "aria2.addUri", []string{seed.Magnet()})
	daemon.RemoveByHand(t, seed.InfoHash())
	if left := daemon.Downloads(t); len(left) > 0 {
		t.Fatalf("%+v", left)
	}
}

func testSecret(t *testing.T, version aria2.Version) {
	t.Parallel()
	downloads := t.TempDir()
	daemon := aria2.Start(t, version, aria2.WithSecret("sécret"), aria2.WithArguments("--dir="+downloads))
	response, err := http.Post(daemon.URL(), "application/json",
		strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"aria2.getVersion","params":["token:secret"]}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Fatal(response.Status)
	}
	if options := string(daemon.RPC(t, "aria2.getGlobalOption")); !strings.Contains(strings.ReplaceAll(options, `\/`, "/"), `"`+downloads+`"`) {
		t.Fatalf("downloads elsewhere: %s", options)
	}
}

func testPause(t *testing.T, version aria2.Version) {
	t.Parallel()
	daemon := aria2.Start(t, version)
	daemon.Pause()
	client := http.Client{Timeout: 200 * time.Millisecond}
	if response, err := client.Post(daemon.URL(), "application/json", nil); err == nil {
		_ = response.Body.Close()
		t.Fatal("answered")
	}
	daemon.Continue()
	daemon.RPC(t, "aria2.getVersion")
	client.CloseIdleConnections()
}
