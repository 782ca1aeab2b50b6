package transmission

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Option changes how a daemon is set up.
type Option func(*settings)

type settings struct {
	user, password string
	rpcPath        string
	downloadDir    string
}

// WithAuth makes the daemon ask for this user name and password (HTTP basic authentication).
func WithAuth(user, password string) Option {
	return func(s *settings) { s.user, s.password = user, password }
}

// WithRPCPath serves the RPC below this path instead of /transmission/: the RPC itself is at path + "rpc".
func WithRPCPath(path string) Option {
	return func(s *settings) { s.rpcPath = path }
}

// WithDownloadDir puts downloads into an existing directory instead of a temporary one.
func WithDownloadDir(dir string) Option {
	return func(s *settings) { s.downloadDir = dir }
}

// write makes the configuration: nothing is announced, nothing leaves this machine, and nothing waits in a queue.
func (s settings) write(t testing.TB, configDir string, rpcPort, peerPort int) {
	t.Helper()
	text, err := json.MarshalIndent(map[string]any{
		"bind-address-ipv4":           loopback,
		"bind-address-ipv6":           "::1",
		"peer-port":                   peerPort,
		"peer-port-random-on-start":   false,
		"dht-enabled":                 false,
		"lpd-enabled":                 false,
		"pex-enabled":                 false,
		"utp-enabled":                 false,
		"port-forwarding-enabled":     false,
		"rpc-bind-address":            loopback,
		"rpc-port":                    rpcPort,
		"rpc-url":                     cmp.Or(s.rpcPath, "/transmission/"),
		"rpc-whitelist":               "127.0.0.1,::1",
		"rpc-authentication-required": s.user != "",
		"rpc-username":                s.user,
		"rpc-password":                s.password,
		"download-dir":                s.downloadDir,
		"incomplete-dir-enabled":      false,
		"download-queue-enabled":      false,
		"seed-queue-enabled":          false,
	}, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(configDir, "settings.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}
