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

// baselineBinary builds what lists are compared with once for the whole run.
var baselineBinary = sync.OnceValues(func() (string, error) { return build("./baseline", "baseline") })

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

// startFloor starts the floor, waits for its first good page and stops it.
func startFloor(b *testing.B, database string) time.Duration {
	b.Helper()
	if _, err := floorBinary(); err != nil { // not to time that
		b.Fatal(err)
	}
	began := time.Now()
	f := startBare(b, floorBinary, database)
	defer f.kill()
	if status := f.get("/torrents", nil); status != http.StatusOK {
		b.Fatalf("the floor answered %d", status)
	}
	return time.Since(began)
}

// startBaseline starts the plain handler.
func startBaseline(b *testing.B, database string) *product {
	b.Helper()
	return startBare(b, baselineBinary, database)
}

// startBare starts a program that says on its first line where it listens.
func startBare(b *testing.B, binary func() (string, error), args ...string) *product {
	b.Helper()
	path, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	command := exec.Command(path, args...)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	command.Stderr = os.Stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	p := &product{command: command}
	b.Cleanup(p.kill)
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	p.url = "http://" + strings.TrimSpace(address)
	return p
}
