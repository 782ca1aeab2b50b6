package rtorrent

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Option changes how a daemon is set up.
type Option func(*settings)

type settings struct {
	socket bool
	noDHT  bool
	more   []string
}

// WithSocket makes the daemon listen on a unix socket instead of a port.
func WithSocket() Option { return func(s *settings) { s.socket = true } }

// WithoutDHT turns off the DHT also of 0.9.8, which then drops magnets that name no tracker. Otherwise it has one that
// knows nobody, and listens on loopback only.
func WithoutDHT() Option { return func(s *settings) { s.noDHT = true } }

// With adds a line to the configuration.
func With(line string) Option { return func(s *settings) { s.more = append(s.more, line) } }

// write makes the configuration: nothing is announced, and nothing leaves this machine.
func (d *Daemon) write(t testing.TB) {
	t.Helper()
	dht, listen := "disable", fmt.Sprintf("network.scgi.open_port = %s", d.Address())
	if d.version == V09 && !d.settings.noDHT {
		dht = "on"
	}
	if d.settings.socket {
		listen = "network.scgi.open_local = " + d.socket()
	}
	lines := append([]string{
		"directory.default.set = " + d.DownloadDir(),
		"session.path.set = " + filepath.Join(d.home, "session"),
		"network.bind_address.set = " + loopback,
		fmt.Sprintf("network.port_range.set = %d-%d", d.peerPort, d.peerPort),
		"network.port_random.set = no",
		fmt.Sprintf("dht.port.set = %d", d.peerPort),
		"dht.mode.set = " + dht,
		"protocol.pex.set = no",
		"protocol.encryption.set = none", // 0.16 hangs up on peers that do not encrypt, as our seeder
		"trackers.use_udp.set = no",
		listen,
		"system.daemon.set = true",
		`log.open_file = "log", ` + filepath.Join(d.home, "log"),
		`log.add_output = "info", "log"`,
	}, d.settings.more...)
	if err := os.WriteFile(filepath.Join(d.home, "rtorrent.rc"), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}
