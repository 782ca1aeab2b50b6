// Package qbittorrent starts real qbittorrent-nox daemons for tests, on this machine's loopback only.
package qbittorrent

import (
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/process"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

const (
	loopback = "127.0.0.1"
	// ready is how long a daemon may take to answer, with thousands of torrents to load on a busy machine.
	ready = 90 * time.Second
)

// Daemon is a qbittorrent-nox that runs until the test ends. Its methods are for the test's goroutine.
type Daemon struct {
	t        testing.TB
	version  Version
	settings settings
	profile  string
	webPort  int
	peerPort int
	process  *process.Process
	client   *client
}

// Start starts a daemon with a profile of its own and returns when its API answers.
func Start(t testing.TB, version Version, options ...Option) *Daemon {
	t.Helper()
	d := &Daemon{t: t, version: version, settings: settings{downloadDir: t.TempDir()}}
	for _, option := range options {
		option(&d.settings)
	}
	for range 5 {
		d.profile, d.webPort, d.peerPort = t.TempDir(), freePort(t), freePort(t)
		d.settings.write(t, d.profile, d.webPort, d.peerPort)
		d.client = &client{url: d.URL(), user: d.settings.user, password: d.settings.password}
		d.run()
		if d.awaitReady() {
			return d
		}
		d.process.Stop() // another program was faster to take the port
	}
	t.Fatalf("qbittorrent-nox %s finds no free port", version)
	return nil
}

func (d *Daemon) run() {
	d.t.Helper()
	command := append(d.version.command(d.t), "--profile="+d.profile)
	cmd := exec.Command(command[0], command[1:]...)
	// Without a UTF-8 locale the names of files lose what is not ASCII.
	cmd.Env = []string{"HOME=" + d.profile, "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	d.process = process.Start(d.t, cmd)
}

// awaitReady also makes sure that it is our daemon that answers, not somebody else's on the same port: then it is false.
func (d *Daemon) awaitReady() bool {
	d.t.Helper()
	bound := true
	wait.Until(d.t, ready, "qbittorrent-nox's API", func() bool {
		if bound = !strings.Contains(d.process.Output(), "Unable to bind"); !bound {
			return true
		}
		if !d.process.Running() {
			d.t.Fatalf("qbittorrent-nox %s ended at once:\n%s", d.version, d.process.Output())
		}
		var preferences struct {
			Port int `json:"listen_port"`
		}
		err := d.client.get(d.t.Context(), "app/preferences", &preferences)
		return err == nil && preferences.Port == d.peerPort
	})
	return bound
}

// Version is the version it was started as.
func (d *Daemon) Version() Version { return d.version }

// Address is where the API listens: host:port.
func (d *Daemon) Address() string { return net.JoinHostPort(loopback, strconv.Itoa(d.webPort)) }

// URL is the address of the API, with a slash at its end.
func (d *Daemon) URL() string { return "http://" + d.Address() + "/api/v2/" }

// PeerAddr is where the daemon accepts peers: host:port, for a seeder to dial.
func (d *Daemon) PeerAddr() string { return net.JoinHostPort(loopback, strconv.Itoa(d.peerPort)) }

// DownloadDir is where downloads end up.
func (d *Daemon) DownloadDir() string { return d.settings.downloadDir }

// Process is the running program.
func (d *Daemon) Process() *process.Process { return d.process }

// Stop ends the daemon in an orderly way (SIGTERM). It saves what has changed, but a torrent that was added just before
// is lost: so that is waited for.
func (d *Daemon) Stop() {
	d.t.Helper()
	if d.process.Running() {
		d.awaitSaved()
	}
	d.process.Stop()
}

// awaitSaved waits until every torrent has been written down once.
func (d *Daemon) awaitSaved() {
	d.t.Helper()
	wait.Until(d.t, ready, "qbittorrent-nox to write its torrents down", func() bool {
		for _, torrent := range d.Torrents(d.t) {
			file := filepath.Join(d.profile, "qBittorrent", "data", "BT_backup", torrent.Hash+".fastresume")
			if _, err := os.Stat(file); err != nil {
				return false
			}
		}
		return true
	})
}

// Kill ends the daemon at once (SIGKILL).
func (d *Daemon) Kill() {
	d.t.Helper()
	d.process.Kill()
}

// Restart starts the daemon again, stopping it first if need be: same profile and ports. It returns when the API answers,
// which is when all torrents have been loaded.
func (d *Daemon) Restart() {
	d.t.Helper()
	d.Stop()
	d.run()
	if !d.awaitReady() {
		d.t.Fatalf("qbittorrent-nox %s finds its port taken by another program", d.version)
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
