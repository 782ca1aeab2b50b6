package aria2

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Version is an aria2 that the tests run against.
type Version string

// The versions: the one that Debian installs, and a newer one that `make test-deps` unpacks into a cache directory.
const (
	V136 Version = "1.36"
	V137 Version = "1.37"
)

// Versions are all of them: for tests that run against each.
func Versions() []Version { return []Version{V136, V137} }

// command is the program with its first arguments, without those that say what to do.
func (v Version) command(t testing.TB) []string {
	t.Helper()
	if v == V136 {
		path, err := exec.LookPath("aria2c")
		if err != nil {
			t.Fatal("no aria2c on PATH: run make test-deps")
		}
		return []string{path}
	}
	// Unpacked, not installed: its libraries are newer than the system's, so it runs under the loader that came with it.
	root := unpackedRoot(t)
	loader := one(t, root, "usr/lib*/ld-linux-*.so.*")
	libraries := one(t, root, "usr/lib/*-linux-gnu*")
	return []string{loader, "--library-path", libraries, one(t, root, "usr/bin/aria2c")}
}

func unpackedRoot(t testing.TB) string {
	t.Helper()
	if root := os.Getenv("DM_TEST_ARIA137_ROOT"); root != "" {
		return root
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "clarion-download-manager", "aria2-1.37", "root")
}

func one(t testing.TB, root, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("no %s below %s: run make test-deps", pattern, root)
	}
	return found[0]
}
