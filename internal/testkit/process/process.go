//go:build linux

// Package process runs other programs for tests: they end with the test, and with the test binary however that ends.
package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// patience is how long a program may take to end when asked to.
const patience = 20 * time.Second

// Process is a program started for a test. What it prints is kept, and shown when the test fails.
type Process struct {
	t      testing.TB
	cmd    *exec.Cmd
	output string
	ended  chan struct{}
	err    error // of Wait; valid once ended is closed
}

// Start runs cmd until the test ends, at the latest. Its output is captured where cmd does not direct it elsewhere.
func Start(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{t: t, cmd: cmd, ended: make(chan struct{}), output: filepath.Join(t.TempDir(), "output")}
	output, err := os.Create(p.output)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = output.Close() }()
	if cmd.Stdout == nil {
		cmd.Stdout = output
	}
	if cmd.Stderr == nil {
		cmd.Stderr = output
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL

	started := make(chan error)
	go p.run(started)
	if err := <-started; err != nil {
		t.Fatalf("%s: %v", cmd.Path, err)
	}
	t.Cleanup(func() {
		p.Stop()
		if t.Failed() {
			t.Logf("%s printed:\n%s", filepath.Base(cmd.Path), p.Output())
		}
	})
	return p
}

// run starts the program and waits for it, on one thread: the kernel takes the end of the thread that started a program
// for the end of its parent.
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err == nil {
		p.err = p.cmd.Wait()
		close(p.ended)
	}
}

// PID is the program's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Ended is closed once the program has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Running reports whether the program has not ended yet.
func (p *Process) Running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// Wait waits for the program's end and returns its error: nil, or an *exec.ExitError.
func (p *Process) Wait() error {
	<-p.ended
	return p.err
}

// Output is the last that the program printed, up to 64 KiB.
func (p *Process) Output() string {
	text, err := os.ReadFile(p.output)
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(text[max(0, len(text)-64<<10):]))
}

// Stop asks the program to end (SIGTERM) and waits; one that does not listen is killed, which fails the test. Nothing
// happens when it has ended already.
func (p *Process) Stop() {
	p.t.Helper()
	p.Signal(syscall.SIGTERM)
	p.Continue()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-p.ended:
	case <-limit.C:
		p.Kill()
		p.t.Errorf("%s did not end within %v of SIGTERM", p.cmd.Path, patience)
	}
}

// Kill ends the program at once (SIGKILL) and waits until it is gone.
func (p *Process) Kill() {
	p.t.Helper()
	p.Signal(syscall.SIGKILL)
	<-p.ended
}

// Pause stops the program from doing anything (SIGSTOP): its ports accept connections and answer nothing. It returns when
// every thread has stopped, since the signal reaches them one by one.
func (p *Process) Pause() {
	p.t.Helper()
	p.Signal(syscall.SIGSTOP)
	wait.Until(p.t, patience, "a paused "+p.cmd.Path, func() bool { return !p.Running() || p.paused() })
}

// paused reports whether all threads are stopped, by the state that the kernel tells: proc(5), /proc/PID/task/TID/stat.
func (p *Process) paused() bool {
	stats, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", p.PID()))
	if err != nil || len(stats) == 0 {
		return false
	}
	for _, stat := range stats {
		text, err := os.ReadFile(stat)
		// The state is behind the program's name, which is in parentheses and may hold anything.
		if err != nil || !bytes.HasPrefix(text[bytes.LastIndexByte(text, ')')+1:], []byte(" T")) {
			return false
		}
	}
	return true
}

// Continue ends a Pause (SIGCONT).
func (p *Process) Continue() {
	p.t.Helper()
	p.Signal(syscall.SIGCONT)
}

// Signal sends a signal. Nothing happens when the program has ended.
func (p *Process) Signal(signal syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Error(fmt.Errorf("%s: %v: %w", p.cmd.Path, signal, err))
	}
}
