package rtorrent

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Version is an rTorrent that the tests run against.
type Version string

// The versions: the one that Debian installs, and a newer one that `make test-deps` unpacks into a cache directory.
const (
	V09  Version = "0.9.8"
	V016 Version = "0.16"
)

// Versions are all of them: for tests that run against each.
func Versions() []Version { return []Version{V09, V016} }

// command is the program with its first arguments, without those that say what to serve.
func (v Version) command(t testing.TB) []string {
	t.Helper()
	if v == V09 {
		path, err := exec.LookPath("rtorrent")
		if err != nil {
			t.Fatal("no rtorrent on PATH: run make test-deps")
		}
		return []string{path}
	}
	// Unpacked, not installed: its libraries are newer than the system's, so it runs under the loader that came with it.
	root := unpackedRoot(t)
	loader := one(t, root, "usr/lib*/ld-linux-*.so.*")
	libraries := one(t, root, "usr/lib/*-linux-gnu*")
	return []string{loader, "--library-path", libraries, one(t, root, "usr/bin/rtorrent")}
}

func unpackedRoot(t testing.TB) string {
	t.Helper()
	if root := os.Getenv("DM_TEST_RTORRENT016_ROOT"); root != "" {
		return root
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "clarion-download-manager", "rtorrent-0.16", "root")
}

func one(t testing.TB, root, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("no %s below %s: run make test-deps", pattern, root)
	}
	return found[0]
}
