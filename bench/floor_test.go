package bench_test

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// floorBinary builds the baseline program once for the whole run.
var floorBinary = sync.OnceValues(func() (string, error) { return build("./floor", "floor") })

// build compiles a program as it is shipped: without cgo and the race detector.
func build(source, name string) (string, error) {
	dir, err := os.MkdirTemp("", "downloadmanager-bench")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, name)
	command := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-tags", os.Getenv("GOTAGS"), "-o", path, source)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", source, err, out)
	}
	return path, nil
}

// startFloor starts the baseline, waits for its first good page and stops it.
func startFloor(b *testing.B, database string) time.Duration {
	b.Helper()
	path, err := floorBinary()
	if err != nil {
		b.Fatal(err)
	}
	command := exec.Command(path, database)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = command.Process.Kill(); _ = command.Wait() }()
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	response, err := http.Get("http://" + strings.TrimSpace(address) + "/torrents")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		b.Fatalf("the baseline answered %s", response.Status)
	}
	return time.Since(began)
}
