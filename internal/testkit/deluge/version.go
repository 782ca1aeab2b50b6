package deluge

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Version is a Deluge that the tests run against.
type Version string

// The versions: the one that Debian installs, and a newer one that `make test-deps` unpacks into a cache directory.
const (
	V20 Version = "2.0.3"
	V22 Version = "2.2"
)

// Versions are all of them: for tests that run against each.
func Versions() []Version { return []Version{V20, V22} }

// command is the program with its first arguments, without those that say what to serve.
func (v Version) command(t testing.TB) []string {
	t.Helper()
	if v == V20 {
		path, err := exec.LookPath("deluged")
		if err != nil {
			t.Fatal("no deluged on PATH: run make test-deps")
		}
		return []string{path}
	}
	// Unpacked, not installed: its Python and libraries are newer than the system's, so they run under the loader that came
	// with them.
	root := unpackedRoot(t)
	loader := one(t, root, "usr/lib*/ld-linux-*.so.*")
	libraries := one(t, root, "usr/lib/*-linux-gnu*")
	return []string{loader, "--library-path", libraries, one(t, root, "usr/bin/python3.[0-9]*"), "-c", steadied}
}

// steadied is deluged 2.2 without a way in which it crashes, once in a hundred daemons on a busy machine: a thread of its
// own waits for alerts, and wait_for_alert returns one whose memory libtorrent may have moved meanwhile, since more have
// come. What is returned is not used, only that it came: so here the alerts are looked for every 50 ms.
const steadied = `
import time, libtorrent
libtorrent.session.wait_for_alert = lambda session, milliseconds: not time.sleep(0.05)
from deluge.core.daemon_entry import start_daemon
start_daemon()
`

// environment is where the program finds its parts.
func (v Version) environment(t testing.TB) []string {
	t.Helper()
	if v == V20 {
		return nil
	}
	root := unpackedRoot(t)
	return []string{"PYTHONHOME=" + filepath.Join(root, "usr"), "PYTHONPATH=" + filepath.Join(root, "usr/lib/python3/dist-packages")}
}

func unpackedRoot(t testing.TB) string {
	t.Helper()
	if root := os.Getenv("DM_TEST_DELUGE22_ROOT"); root != "" {
		return root
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "clarion-download-manager", "deluge-2.2", "root")
}

func one(t testing.TB, root, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("no %s below %s: run make test-deps", pattern, root)
	}
	return found[0]
}
