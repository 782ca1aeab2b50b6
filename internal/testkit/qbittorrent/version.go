package qbittorrent

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Version is a qBittorrent that the tests run against.
type Version string

// The versions: the one that Debian installs, and a newer one that `make test-deps` unpacks into a cache directory.
const (
	V4 Version = "4.5"
	V5 Version = "5.3"
)

// Versions are all of them: for tests that run against each.
func Versions() []Version { return []Version{V4, V5} }

// command is the program with its first arguments, without those that say what to serve.
func (v Version) command(t testing.TB) []string {
	t.Helper()
	if v == V4 {
		path, err := exec.LookPath("qbittorrent-nox")
		if err != nil {
			t.Fatal("no qbittorrent-nox on PATH: run make test-deps")
		}
		return []string{path}
	}
	// Unpacked, not installed: its libraries are newer than the system's, so it runs under the loader that came with it.
	root := unpackedRoot(t)
	loader := one(t, root, "usr/lib*/ld-linux-*.so.*")
	libraries := one(t, root, "usr/lib/*-linux-gnu*")
	search := strings.Join([]string{libraries, filepath.Join(libraries, "libproxy")}, ":")
	return []string{loader, "--library-path", search, one(t, root, "usr/bin/qbittorrent-nox")}
}

func unpackedRoot(t testing.TB) string {
	t.Helper()
	if root := os.Getenv("DM_TEST_QBITTORRENT5_ROOT"); root != "" {
		return root
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "clarion-download-manager", "qbittorrent-5", "root")
}

func one(t testing.TB, root, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("no %s below %s: run make test-deps", pattern, root)
	}
	return found[0]
}
