package deluge_test

import (
	"bytes"
	"encoding/base64"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/deluge"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

func TestMain(m *testing.M) {
	deluge.Relay()
	os.Exit(m.Run())
}

func TestDaemon(t *testing.T) {
	t.Parallel()
	for _, version := range deluge.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			t.Run("a magnet that a seeder serves is downloaded", func(t *testing.T) { testDownload(t, version) })
			t.Run("a restart keeps torrents and addresses", func(t *testing.T) { testRestart(t, version) })
			t.Run("a paused daemon hangs and goes on", func(t *testing.T) { testPause(t, version) })
		})
	}
}

// remaining is what is left to download; -1 while there is nothing or no metadata.
func remaining(t *testing.T, daemon *deluge.Daemon, hash string) int {
	t.Helper()
	all, _ := daemon.RPC(t, "core.get_torrents_status", map[string]any{}, []any{"total_remaining", "num_pieces"}).(map[string]any)
	torrent, _ := all[hash].(map[string]any)
	if pieces, _ := torrent["num_pieces"].(int); pieces == 0 {
		return -1
	}
	left, _ := torrent["total_remaining"].(int)
	return left
}

func testDownload(t *testing.T, version deluge.Version) {
	t.Parallel()
	daemon := deluge.Start(t, version)
	seed := seeder.New(t, "one megabyte.bin", seeder.Payload(1, 1<<20), 64<<10)
	daemon.RPC(t, "core.add_torrent_magnet", seed.Magnet(), map[string]any{})
	seed.Offer(8)
	seed.DialPeer(daemon.PeerAddr())
	wait.Until(t, time.Minute, "the offered half", func() bool { return remaining(t, daemon, seed.InfoHash()) == 1<<19 })
	seed.Offer(16)
	wait.Until(t, time.Minute, "the whole", func() bool { return remaining(t, daemon, seed.InfoHash()) == 0 })
	file := filepath.Join(daemon.DownloadDir(), seed.Name())
	wait.Until(t, time.Minute, "the file", func() bool {
		got, err := os.ReadFile(file)
		return err == nil && bytes.Equal(got, seed.Payload())
	})
}

func testRestart(t *testing.T, version deluge.Version) {
	t.Parallel()
	daemon := deluge.Start(t, version)
	seed := seeder.New(t, "small", seeder.Payload(2, 1000), 16<<10)
	// 2.0.3 forgets magnets that have no metadata yet when it restarts.
	file := base64.StdEncoding.EncodeToString(seed.Metainfo())
	daemon.RPC(t, "core.add_torrent_file", "small.torrent", file, map[string]any{"add_paused": true})
	rpc, peer := daemon.Address(), daemon.PeerAddr()
	daemon.Stop()
	if conn, err := net.Dial("tcp", rpc); err == nil {
		_ = conn.Close()
		t.Fatal("somebody still listens")
	}
	daemon.Restart()
	if daemon.Address() != rpc || daemon.PeerAddr() != peer {
		t.Fatal("moved")
	}
	wait.Until(t, time.Minute, "the torrent", func() bool {
		ids, _ := daemon.RPC(t, "core.get_session_state").([]any)
		return len(ids) == 1 && ids[0] == seed.InfoHash()
	})
	daemon.Kill()
	daemon.Restart()
}

func testPause(t *testing.T, version deluge.Version) {
	t.Parallel()
	daemon := deluge.Start(t, version)
	daemon.Pause()
	conn, err := net.Dial("tcp", daemon.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	_, _ = conn.Write([]byte("GET / HTTP/1.0\r\n\r\n")) // which TLS would refuse at once
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Fatalf("answered %d bytes", n)
	}
	daemon.Continue()
	daemon.RPC(t, "core.get_session_state")
}
