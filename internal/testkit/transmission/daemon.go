// Package transmission starts real transmission-daemons for tests, on this machine's loopback only.
package transmission

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/process"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

const (
	loopback = "127.0.0.1"
	// ready is how long a daemon may take to answer, with 10,000 torrents to load on a busy machine.
	ready = 60 * time.Second
)

// Daemon is a transmission-daemon that runs until the test ends. Its methods are for the test's goroutine.
type Daemon struct {
	t         testing.TB
	version   Version
	settings  settings
	configDir string
	rpcPort   int
	peerPort  int
	process   *process.Process
	client    *client
}

// Start starts a daemon with a configuration of its own and returns when its RPC answers.
func Start(t testing.TB, version Version, options ...Option) *Daemon {
	t.Helper()
	d := &Daemon{t: t, version: version, configDir: t.TempDir(), rpcPort: freePort(t), peerPort: freePort(t)}
	for _, option := range options {
		option(&d.settings)
	}
	if d.settings.downloadDir == "" {
		d.settings.downloadDir = t.TempDir()
	}
	d.settings.write(t, d.configDir, d.rpcPort, d.peerPort)
	d.client = &client{url: d.URL(), user: d.settings.user, password: d.settings.password}
	d.start()
	return d
}

func (d *Daemon) start() {
	d.t.Helper()
	command := append(d.version.command(d.t), "--foreground", "--config-dir", d.configDir)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = []string{"HOME=" + d.configDir, "PATH=/usr/bin:/bin"}
	d.process = process.Start(d.t, cmd)
	d.awaitReady()
}

// awaitReady also makes sure that it is our daemon that answers, not somebody else's on the same port.
func (d *Daemon) awaitReady() {
	d.t.Helper()
	wait.Until(d.t, ready, "transmission-daemon's RPC", func() bool {
		if !d.process.Running() {
			d.t.Fatalf("transmission-daemon %s ended at once:\n%s", d.version, d.process.Output())
		}
		var session struct {
			ConfigDir string `json:"config-dir"`
		}
		err := d.client.call(d.t.Context(), "session-get", nil, &session)
		return err == nil && session.ConfigDir == d.configDir
	})
}

// Version is the version it was started as.
func (d *Daemon) Version() Version { return d.version }

// Address is where the RPC listens: host:port.
func (d *Daemon) Address() string { return net.JoinHostPort(loopback, strconv.Itoa(d.rpcPort)) }

// URL is the address of the RPC.
func (d *Daemon) URL() string {
	path := "/transmission/"
	if d.settings.rpcPath != "" {
		path = d.settings.rpcPath
	}
	return fmt.Sprintf("http://%s%srpc", d.Address(), path)
}

// PeerAddr is where the daemon accepts peers: host:port, for a seeder to dial.
func (d *Daemon) PeerAddr() string { return net.JoinHostPort(loopback, strconv.Itoa(d.peerPort)) }

// DownloadDir is where downloads end up.
func (d *Daemon) DownloadDir() string { return d.settings.downloadDir }

// ConfigDir holds the settings and the state of the torrents.
func (d *Daemon) ConfigDir() string { return d.configDir }

// Process is the running program.
func (d *Daemon) Process() *process.Process { return d.process }

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

// Restart starts the daemon again, stopping it first if need be: same configuration, state and ports. It returns when the
// RPC answers; 3.00 may not have loaded its torrents by then.
func (d *Daemon) Restart() {
	d.t.Helper()
	d.process.Stop()
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
