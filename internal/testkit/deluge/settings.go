package deluge

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Option changes how a daemon is set up.
type Option func(*settings)

type settings struct {
	user, password string
	downloadDir    string
	plugins        []string
	accounts       string
}

// WithAccount gives the daemon an administrator of this name, in the place of the usual one.
func WithAccount(user, password string) Option {
	return func(s *settings) { s.user, s.password = user, password }
}

// WithReader adds an account that may only read.
func WithReader(user, password string) Option {
	return func(s *settings) { s.accounts += user + ":" + password + ":1\n" }
}

// WithDownloadDir puts downloads into an existing directory instead of a temporary one.
func WithDownloadDir(dir string) Option {
	return func(s *settings) { s.downloadDir = dir }
}

// WithLabels turns the daemon's label plug-in on.
func WithLabels() Option {
	return func(s *settings) { s.plugins = append(s.plugins, "Label") }
}

// write makes the configuration: nothing is announced, and nothing waits in a queue.
func (s settings) write(t testing.TB, configDir string) {
	t.Helper()
	header := []byte(`{"file":1,"format":1}`)
	text, err := json.MarshalIndent(map[string]any{
		"daemon_port":        insideRPC,
		"listen_ports":       []int{insidePeer, insidePeer},
		"random_port":        false,
		"listen_interface":   loopback,
		"outgoing_interface": loopback,
		"dht":                false,
		"upnp":               false,
		"natpmp":             false,
		"lsd":                false,
		"utpex":              false,
		"new_release_check":  false,
		"download_location":  s.downloadDir,
		"max_active_limit":   -1, "max_active_downloading": -1, "max_active_seeding": -1,
		"enabled_plugins": append([]string{}, s.plugins...),
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"core.conf": append(header, text...),
		"auth":      []byte(s.user + ":" + s.password + ":10\n" + s.accounts),
	} {
		if err := os.WriteFile(filepath.Join(configDir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
