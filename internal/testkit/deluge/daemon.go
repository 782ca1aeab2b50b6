// Package deluge starts real Deluge daemons for tests, each in a network of its own that leads nowhere: 2.0.3 sends to the
// outside when it starts, whatever it is configured to. Packages that use it call Relay at the beginning of their TestMain.
package deluge

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/process"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

const (
	loopback = "127.0.0.1"
	// ready is how long a daemon may take to answer, on a busy machine.
	ready = 60 * time.Second
)

// Daemon is a deluged that runs until the test ends. Its methods are for the test's goroutine.
type Daemon struct {
	t         testing.TB
	version   Version
	settings  settings
	configDir string
	rpcPort   int
	peerPort  int
	process   *process.Process
}

// Start starts a daemon with a configuration of its own and returns when its RPC answers.
func Start(t testing.TB, version Version, options ...Option) *Daemon {
	t.Helper()
	d := &Daemon{t: t, version: version, configDir: t.TempDir(), rpcPort: freePort(t), peerPort: freePort(t)}
	d.settings = settings{user: "tests", password: "tests only"}
	for _, option := range options {
		option(&d.settings)
	}
	if d.settings.downloadDir == "" {
		d.settings.downloadDir = t.TempDir()
	}
	d.settings.write(t, d.configDir)
	d.start()
	return d
}

func (d *Daemon) start() {
	d.t.Helper()
	command := append(d.version.command(d.t), "--do-not-daemonize", "--config", d.configDir,
		"--ui-interface", loopback, "--port", strconv.Itoa(insideRPC), "--loglevel", "error")
	cmd := inside(d.t, []int{d.rpcPort, d.peerPort}, command)
	cmd.Env = append(cmd.Env, d.version.environment(d.t)...)
	cmd.Env = append(cmd.Env, "HOME="+d.configDir, "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8")
	d.process = process.Start(d.t, cmd)
	for _, listener := range cmd.ExtraFiles {
		_ = listener.Close() // the relay has them now
	}
	wait.Until(d.t, ready, "deluged's RPC", func() bool {
		if !d.process.Running() {
			d.t.Fatalf("deluged %s ended at once (does TestMain call Relay?):\n%s", d.version, d.process.Output())
		}
		_, err := d.call(d.t.Context(), "daemon.get_method_list")
		return err == nil
	})
}

// Version is the version it was started as.
func (d *Daemon) Version() Version { return d.version }

// Address is where the RPC listens: host:port.
func (d *Daemon) Address() string { return net.JoinHostPort(loopback, strconv.Itoa(d.rpcPort)) }

// PeerAddr is where the daemon accepts peers: host:port, for a seeder to dial.
func (d *Daemon) PeerAddr() string { return net.JoinHostPort(loopback, strconv.Itoa(d.peerPort)) }

// Account is a user and their password.
func (d *Daemon) Account() (user, password string) { return d.settings.user, d.settings.password }

// DownloadDir is where downloads end up.
func (d *Daemon) DownloadDir() string { return d.settings.downloadDir }

// ConfigDir holds the settings and the state of the torrents.
func (d *Daemon) ConfigDir() string { return d.configDir }

// Certificate is the file with the certificate that the daemon shows.
func (d *Daemon) Certificate() string { return filepath.Join(d.configDir, "ssl", "daemon.cert") }

// Stop ends the daemon in an orderly way (SIGTERM): it saves its state.
func (d *Daemon) Stop() {
	d.t.Helper()
	d.process.Stop()
}

// Kill ends the daemon at once (SIGKILL).
func (d *Daemon) Kill() {
	d.t.Helper()
	d.process.Kill()
}

// Restart starts the daemon again, stopping it first if need be: same configuration, state and addresses. It returns when
// the RPC answers; the torrents may not have been loaded by then.
func (d *Daemon) Restart() {
	d.t.Helper()
	d.process.Stop()
	d.start()
}

// Pause makes the daemon hang: connections are accepted and never answered. (It is the relay that hangs, which is the same
// to all who are outside.)
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
		if listener, err := listen(port); err == nil {
			if err := listener.Close(); err != nil {
				t.Fatal(err)
			}
			return port
		}
	}
	t.Fatal("no free port found")
	return 0
}

// listen opens a port as a file that another process can be given.
func listen(port int) (*os.File, error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.ParseIP(loopback), Port: port})
	if err != nil {
		return nil, err
	}
	defer func() { _ = listener.Close() }() // the file is another handle of it
	file, err := listener.File()
	if err != nil {
		return nil, fmt.Errorf("port %d: %w", port, err)
	}
	return file, nil
}
