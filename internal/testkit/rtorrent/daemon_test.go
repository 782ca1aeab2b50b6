package rtorrent_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/rtorrent"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

func TestDaemon(t *testing.T) {
	t.Parallel()
	for _, version := range rtorrent.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			t.Run("a magnet that a seeder serves is downloaded", func(t *testing.T) { testDownload(t, version) })
			t.Run("a restart keeps torrents, address and ports", func(t *testing.T) { testRestart(t, version) })
			t.Run("a paused daemon hangs and goes on", func(t *testing.T) { testPause(t, version) })
			t.Run("a bridge asks for a password", func(t *testing.T) { testBridge(t, version) })
		})
	}
}

func testDownload(t *testing.T, version rtorrent.Version) {
	t.Parallel()
	daemon := rtorrent.Start(t, version)
	seed := seeder.New(t, "one megabyte.bin", seeder.Payload(1, 1<<20), 64<<10)
	daemon.Call(t, "load.start", "", seed.Magnet())
	seed.DialPeer(daemon.PeerAddr())
	hash := strings.ToUpper(seed.InfoHash())
	wait.Until(t, time.Minute, "the whole", func() bool {
		return daemon.Call(t, "d.multicall2", "", "main", "d.hash=", "d.is_meta=", "d.complete=") == hash+"\n0\n1"
	})
	got, err := os.ReadFile(filepath.Join(daemon.DownloadDir(), seed.Name()))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, seed.Payload()) {
		t.Fatal("the downloaded file differs from the seeder's")
	}
}

func testRestart(t *testing.T, version rtorrent.Version) {
	t.Parallel()
	daemon := rtorrent.Start(t, version, rtorrent.WithSocket())
	seed := seeder.New(t, "small", seeder.Payload(2, 1000), 16<<10)
	daemon.Call(t, "load.raw", "", seed.Metainfo())
	url, peer := daemon.URL(), daemon.PeerAddr()
	there := func() bool { return daemon.Call(t, "view.size", "", "main") == "1" }
	wait.Until(t, time.Minute, "the torrent", there)
	daemon.Restart()
	if daemon.URL() != url || daemon.PeerAddr() != peer {
		t.Fatal("moved")
	}
	wait.Until(t, time.Minute, "the torrent", there)
	daemon.Kill()
	daemon.Restart()
}

func testPause(t *testing.T, version rtorrent.Version) {
	t.Parallel()
	daemon := rtorrent.Start(t, version)
	daemon.Pause()
	url := daemon.Bridge(t, "user", "password")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if code := post(ctx, t, url, "password"); code != 0 {
		t.Fatal("answered")
	}
	daemon.Continue()
	daemon.Call(t, "system.pid")
}

func testBridge(t *testing.T, version rtorrent.Version) {
	t.Parallel()
	url := rtorrent.Start(t, version).Bridge(t, "user", "password")
	for password, want := range map[string]int{"password": http.StatusOK, "wrong": http.StatusUnauthorized} {
		if code := post(t.Context(), t, url, password); code != want {
			t.Fatalf("%s: %d", password, code)
		}
	}
}

// post asks for the process id and returns the status; 0 when nothing comes back.
func post(ctx context.Context, t *testing.T, url, password string) int {
	t.Helper()
	body := "<methodCall><methodName>system.pid</methodName></methodCall>"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("user", password)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return response.StatusCode
}
