// Package aria2 starts real aria2c daemons for tests, on this machine's loopback only.
package aria2

import (
	"fmt"
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

// Daemon is an aria2c that runs until the test ends. Its methods are for the test's goroutine.
type Daemon struct {
	t           testing.TB
	version     Version
	secret      string
	arguments   []string
	home        string
	downloadDir string
	rpcPort     int
	peerPort    int
	process     *process.Process
}

// Option changes how a daemon is set up.
type Option func(*Daemon)

// WithSecret makes the daemon ask for this rpc-secret.
func WithSecret(secret string) Option {
	return func(d *Daemon) { d.secret = secret }
}

// WithArguments adds arguments of the command line, which win over those of the kit.
func WithArguments(arguments ...string) Option {
	return func(d *Daemon) { d.arguments = append(d.arguments, arguments...) }
}

// Start starts a daemon in a folder of its own and returns when its RPC answers.
func Start(t testing.TB, version Version, options ...Option) *Daemon {
	t.Helper()
	d := &Daemon{t: t, version: version, home: t.TempDir(), downloadDir: t.TempDir(), rpcPort: freePort(t), peerPort: freePort(t)}
	for _, option := range options {
		option(d)
	}
	if err := os.WriteFile(d.session(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if d.start(); d.claimPeerPort() {
			return d
		}
		d.process.Kill()
		d.rpcPort, d.peerPort = freePort(t), freePort(t)
	}
	t.Fatal("others take every port before aria2c does")
	return nil
}

// session is the file in which what is unfinished or seeding is kept over a restart.
func (d *Daemon) session() string { return filepath.Join(d.home, "session") }

// start runs the daemon: nothing is announced, nothing leaves this machine, and nothing waits in a queue.
func (d *Daemon) start() {
	d.t.Helper()
	command := append(
		d.version.command(d.t), "--no-conf", "--quiet",
		"--enable-rpc", "--rpc-listen-all=false", "--rpc-listen-port="+strconv.Itoa(d.rpcPort),
		"--dir="+d.downloadDir, "--input-file="+d.session(), "--save-session="+d.session(),
		"--listen-port="+strconv.Itoa(d.peerPort), "--interface="+loopback, "--disable-ipv6=true",
		"--enable-dht=false", "--enable-dht6=false", "--enable-peer-exchange=false", "--bt-enable-lpd=false",
		"--file-allocation=none", "--seed-ratio=0", "--max-concurrent-downloads=100000",
	)
	if d.secret != "" {
		command = append(command, "--rpc-secret="+d.secret)
	}
	command = append(command, d.arguments...)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = []string{"HOME=" + d.home, "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	d.process = process.Start(d.t, cmd)
	// With the test it ends at once: in good order it takes a second or more.
	d.t.Cleanup(d.process.Kill)
	d.awaitReady()
}

// awaitReady also makes sure that it is our daemon that answers, not somebody else's on the same port.
func (d *Daemon) awaitReady() {
	d.t.Helper()
	wait.Until(d.t, ready, "aria2c's RPC", func() bool {
		if !d.process.Running() {
			d.t.Fatalf("aria2c %s ended at once:\n%s", d.version, d.process.Output())
		}
		var options map[string]string
		err := d.call(d.t.Context(), "aria2.getGlobalOption", nil, &options)
		return err == nil && options["save-session"] == d.session()
	})
}

// Version is the version it was started as.
func (d *Daemon) Version() Version { return d.version }

// Address is where the RPC listens: host:port.
func (d *Daemon) Address() string { return net.JoinHostPort(loopback, strconv.Itoa(d.rpcPort)) }

// URL is the address of the RPC.
func (d *Daemon) URL() string { return fmt.Sprintf("http://%s/jsonrpc", d.Address()) }

// PeerAddr is where the daemon accepts peers: host:port, for a seeder to dial.
func (d *Daemon) PeerAddr() string { return net.JoinHostPort(loopback, strconv.Itoa(d.peerPort)) }

// DownloadDir is where downloads end up.
func (d *Daemon) DownloadDir() string { return d.downloadDir }

// Process is the running program.
func (d *Daemon) Process() *process.Process { return d.process }

// Stop ends the daemon in an orderly way (SIGTERM): it saves its session.
func (d *Daemon) Stop() {
	d.t.Helper()
	d.process.Stop()
}

// Forget makes a stopped daemon forget all that it held, as every aria2c does that runs without save-session.
func (d *Daemon) Forget() {
	d.t.Helper()
	if err := os.WriteFile(d.session(), nil, 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// Restart starts the daemon again, stopping it first if need be: same session and ports. It returns when the RPC answers.
func (d *Daemon) Restart() {
	d.t.Helper()
	d.process.Stop()
	d.start()
	if !d.claimPeerPort() {
		d.t.Fatalf("somebody else has taken port %d", d.peerPort)
	}
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
