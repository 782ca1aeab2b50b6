// Package deluge starts real Deluge daemons for tests, each in a network of its own that leads nowhere: 2.0.3 sends to the
// outside when it starts, whatever it is configured to. Packages that use it call Relay at the beginning of their TestMain.
package deluge

import (
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
	rpc, peer *port
	process   *process.Process
}

// Start starts a daemon with a configuration of its own and returns when its RPC answers.
func Start(t testing.TB, version Version, options ...Option) *Daemon {
	t.Helper()
	d := &Daemon{t: t, version: version, configDir: t.TempDir(), rpc: newPort(t), peer: newPort(t)}
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
	cmd := inside(d.t, command, d.rpc.open(d.t), d.peer.open(d.t))
	cmd.Env = append(cmd.Env, d.version.environment(d.t)...)
	cmd.Env = append(cmd.Env, "HOME="+d.configDir, "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8")
	d.process = process.Start(d.t, cmd)
	d.rpc.close() // the relay has them now
	d.peer.close()
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
func (d *Daemon) Address() string { return d.rpc.address() }

// PeerAddr is where the daemon accepts peers: host:port, for a seeder to dial.
func (d *Daemon) PeerAddr() string { return d.peer.address() }

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
