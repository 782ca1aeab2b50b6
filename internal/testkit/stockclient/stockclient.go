//go:build linux

// Package stockclient follows the product with what other people have: graphql-ws in Node, and curl.
package stockclient

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/clarion-app/download-manager/internal/testkit/process"
)

var (
	//go:embed package-lock.json
	lock []byte
	//go:embed follow.mjs
	followByNode []byte
	//go:embed follow.sh
	followByCurl []byte
)

// Modules is the folder node_modules with graphql-ws, graphql and ws in it, as `make test-deps` installs them: for each
// package-lock.json its own.
func Modules(t testing.TB) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(lock)
	modules := filepath.Join(cache, "clarion-download-manager", "stock-clients", hex.EncodeToString(sum[:6]), "node_modules")
	if _, err := os.Stat(filepath.Join(modules, "graphql-ws")); err != nil {
		t.Fatalf("no graphql-ws: run make test-deps (%v)", err)
	}
	return modules
}

// Node is where Node is.
func Node(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("no node on PATH: run make test-deps")
	}
	return path
}

// Follower is a script that follows completions from the beginning of the log, and that does not give up.
type Follower struct {
	*process.Process
	told string
}

// FollowByNode follows over a websocket, by graphql-ws.
func FollowByNode(t testing.TB, url, token string) *Follower {
	t.Helper()
	dir := t.TempDir()
	if err := os.Symlink(Modules(t), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	told := filepath.Join(dir, "told")
	output, err := os.Create(told)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = output.Close() }()
	cmd := exec.Command(Node(t), script(t, dir, "follow.mjs", followByNode), url)
	cmd.Stdout = output
	return follow(t, cmd, told, token)
}

// FollowByCurl follows over Server-Sent Events, by curl in a shell's loop. A curl that is left when the script has ended
// ends with its connection.
func FollowByCurl(t testing.TB, url, token string) *Follower {
	t.Helper()
	dir := t.TempDir()
	told := filepath.Join(dir, "told")
	return follow(t, exec.Command("sh", script(t, dir, "follow.sh", followByCurl), url, told), told, token)
}

func script(t testing.TB, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func follow(t testing.TB, cmd *exec.Cmd, told, token string) *Follower {
	t.Helper()
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir(), "TOKEN=" + token}
	return &Follower{process.Start(t, cmd), told}
}

// Told is what it has been told so far: a completion per line, as JSON.
func (f *Follower) Told() [][]byte {
	content, err := os.ReadFile(f.told)
	if err != nil {
		return nil // not yet
	}
	lines := bytes.SplitAfter(content, []byte("\n"))
	return lines[:len(lines)-1] // of the last, the end may be missing
}
