// Package rtorrent starts real rTorrents for tests, on this machine's loopback only.
package rtorrent

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/process"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

const (
	loopback = "127.0.0.1"
	// ready is how long a daemon may take to answer, with thousands of torrents to load on a busy machine.
	ready = 60 * time.Second
)

// Daemon is an rTorrent that runs until the test ends. Its methods are for the test's goroutine.
type Daemon struct {
	t        testing.TB
	version  Version
	settings settings
	home     string
	rpcPort  int
	peerPort int
	process  *process.Process
}

// Start starts a daemon with a configuration of its own and returns when its RPC answers.
func Start(t testing.TB, version Version, options ...Option) *Daemon {
	t.Helper()
	// A short path, since that of a socket must be: t.TempDir has the name of the test in it.
	home, err := os.MkdirTemp("", "rt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(home); err != nil {
			t.Error(err)
		}
	})
	d := &Daemon{t: t, version: version, home: home, rpcPort: freePort(t), peerPort: freePort(t)}
	for _, option := range options {
		option(&d.settings)
	}
	for _, folder := range []string{d.DownloadDir(), filepath.Join(home, "session")} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	d.write(t)
	d.start()
	return d
}

func (d *Daemon) start() {
	d.t.Helper()
	// A daemon that was killed leaves its socket, and its lock, behind.
	for _, left := range []string{d.socket(), filepath.Join(d.home, "session", "rtorrent.lock")} {
		if err := os.Remove(left); err != nil && !errors.Is(err, fs.ErrNotExist) {
			d.t.Fatal(err)
		}
	}
	command := append(d.version.command(d.t), "-n", "-o", "import="+filepath.Join(d.home, "rtorrent.rc"))
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = d.home
	// Names of files are kept as they are where the locale has UTF-8.
	cmd.Env = []string{"HOME=" + d.home, "PATH=/usr/bin:/bin", "LANG=C.UTF-8"}
	d.process = process.Start(d.t, cmd)
	wait.Until(d.t, ready, "rtorrent's RPC", func() bool {
		if !d.process.Running() {
			d.t.Fatalf("rtorrent %s ended at once:\n%s", d.version, d.process.Output())
		}
		// Also makes sure that it is our daemon that answers, not somebody else's on the same port.
		home, err := d.call(d.t.Context(), "session.path")
		return err == nil && filepath.Clean(home) == filepath.Join(d.home, "session")
	})
}

// Version is the version it was started as.
func (d *Daemon) Version() Version { return d.version }

// Address is where the RPC listens: host:port. With a socket it does not.
func (d *Daemon) Address() string { return net.JoinHostPort(loopback, strconv.Itoa(d.rpcPort)) }

// URL is the address of the RPC, as scgi://host:port or unix:///path.
func (d *Daemon) URL() string {
	if d.settings.socket {
		return "unix://" + d.socket()
	}
	return "scgi://" + d.Address()
}

func (d *Daemon) socket() string { return filepath.Join(d.home, "rpc.sock") }

// PeerAddr is where the daemon accepts peers: host:port, for a seeder to dial.
func (d *Daemon) PeerAddr() string { return net.JoinHostPort(loopback, strconv.Itoa(d.peerPort)) }

// DownloadDir is where downloads end up.
func (d *Daemon) DownloadDir() string { return filepath.Join(d.home, "downloads") }

// Log is what the daemon has written down.
func (d *Daemon) Log() string {
	text, err := os.ReadFile(filepath.Join(d.home, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Process is the running program.
func (d *Daemon) Process() *process.Process { return d.process }

// Stop ends the daemon in an orderly way (SIGTERM): it saves its state. 0.16 writes down what it was given a moment ago in
// another thread, and may forget it when it is told to end meanwhile; so that is awaited.
func (d *Daemon) Stop() {
	d.t.Helper()
	if d.process.Running() {
		wait.Until(d.t, ready, "what is written down of the torrents", func() bool {
			size, err := d.call(d.t.Context(), "view.size", "", "main")
			if err != nil {
				return true // it hangs, or has ended
			}
			saved, err := filepath.Glob(filepath.Join(d.home, "session", "*.torrent.rtorrent"))
			held, alsoErr := strconv.Atoi(size)
			return err == nil && alsoErr == nil && len(saved) >= held
		})
	}
	d.process.Stop()
}

// Kill ends the daemon at once (SIGKILL).
func (d *Daemon) Kill() {
	d.t.Helper()
	d.process.Kill()
}

// Restart starts the daemon again, stopping it first if need be: same configuration, state and ports. It returns when the
// RPC answers; 0.16 may not have loaded its torrents by then.
func (d *Daemon) Restart() {
	d.t.Helper()
	d.Stop()
	d.start()
}

// Pause makes the daemon hang (SIGSTOP): connections are accepted and never answered.
func (d *Daemon) Pause() {
	d.t.Helper()
	d.process.Pause()
}

// Continue ends a Pause.
func (d *Daemon) Continue() {
	d.t.Helper()
	d.process.Continue()
}

// freePort picks a port that is free now, below the range from which the kernel takes ports for outgoing connections: a
// daemon that is restarted finds it free again.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 20000 + rand.IntN(12000)
		listener, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		return port
	}
	t.Fatal("no free port found")
	return 0
}
