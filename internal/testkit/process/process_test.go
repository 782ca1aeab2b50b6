//go:build linux

package process_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/process"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

func TestProcess(t *testing.T) {
	t.Parallel()

	t.Run("output is kept", func(t *testing.T) {
		t.Parallel()
		p := process.Start(t, exec.Command("sh", "-c", "echo out; echo err >&2"))
		if err := p.Wait(); err != nil {
			t.Fatal(err)
		}
		if got := p.Output(); got != "out\nerr" {
			t.Fatalf("got %q", got)
		}
	})

	t.Run("a stopped program ends by SIGTERM, paused or not", func(t *testing.T) {
		t.Parallel()
		for _, paused := range []bool{false, true} {
			p := process.Start(t, exec.Command("sleep", "600"))
			if paused {
				p.Pause()
				if got := state(t, p.PID()); got != "T" {
					t.Fatalf("paused, and its state is %s", got)
				}
			}
			p.Stop()
			if p.Running() {
				t.Fatal("still running")
			}
			if status := exitStatus(t, p.Wait()); status.Signal() != syscall.SIGTERM {
				t.Fatalf("ended by %v", status.Signal())
			}
		}
	})

	t.Run("the end of the thread that called Start is not the end of the program", func(t *testing.T) {
		t.Parallel()
		started := make(chan *process.Process)
		go func() {
			runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
			started <- process.Start(t, exec.Command("sleep", "600"))
		}()
		p := <-started
		p.Pause()
		p.Continue()
		p.Kill()
		if status := exitStatus(t, p.Wait()); status.Signal() != syscall.SIGKILL {
			t.Fatalf("ended by %v", status.Signal())
		}
	})
}

// orphanage names the variable by which the test binary knows that it was started by TestOrphan, to be killed.
const orphanage = "TESTKIT_PROCESS_ORPHANAGE"

func TestOrphan(t *testing.T) {
	t.Parallel()
	if os.Getenv(orphanage) != "" {
		child := process.Start(t, exec.Command("sleep", "600"))
		t.Logf("child %d.", child.PID())
		_ = os.Stdout.Sync()
		<-child.Ended()
		return
	}

	t.Run("a killed test binary takes its programs along", func(t *testing.T) {
		binary := exec.Command(os.Args[0], "-test.run=^TestOrphan$", "-test.v")
		binary.Env = append(os.Environ(), orphanage+"=yes")
		output, err := binary.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		parent := process.Start(t, binary)
		child := ""
		for lines := bufio.NewScanner(output); child == "" && lines.Scan(); {
			if _, after, found := strings.Cut(lines.Text(), "child "); found {
				child = strings.TrimSuffix(after, ".")
			}
		}
		if _, err := os.Stat("/proc/" + child + "/stat"); child == "" || err != nil {
			t.Fatalf("no child: %q %v", child, err)
		}
		parent.Kill()
		wait.Until(t, 10*time.Second, "the end of the child", func() bool {
			_, err := os.Stat("/proc/" + child + "/stat")
			return os.IsNotExist(err)
		})
	})
}

func exitStatus(t *testing.T, err error) syscall.WaitStatus {
	t.Helper()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("ended with %v", err)
	}
	return exit.Sys().(syscall.WaitStatus)
}

// state is the kernel's letter for what the process is doing.
func state(t *testing.T, pid int) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), ") ")
	return after[:1]
}
