//go:build linux

package main_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/clarion-app/download-manager/internal/testkit/process"
	"github.com/clarion-app/download-manager/internal/testkit/stockclient"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// reader is somebody who pastes the blocks of a document into a shell, one after the
// other, as they stand: but for the address, and for a magnet link to what a seeder on
// this machine has. JavaScript and Go are saved as files and run.
type reader struct {
	t      *testing.T
	url    string
	magnet string
	dir    string
	shell  *process.Process
	input  io.WriteCloser
	pasted int
}

// paste is a block that was pasted.
type paste struct {
	block
	reader *reader
	// output and complaints are files.
	output, complaints string
}

// newReader sits down in front of a shell, with bin/downloadmanager in its folder, on
// the settings of the product.
func newReader(t *testing.T, product *instance, magnet string, env ...string) *reader {
	t.Helper()
	r := &reader{t: t, url: product.url, magnet: magnet, dir: t.TempDir()}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(r.dir, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{
		"bin/downloadmanager": path, "bin/node": stockclient.Node(t), "node_modules": stockclient.Modules(t),
	} {
		if err := os.Symlink(target, filepath.Join(r.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	shell := exec.Command("sh", "-eu")
	shell.Dir = r.dir
	shell.Env = append(command(t, product.settings).Env, "PATH="+r.dir+"/bin:/usr/bin:/bin")
	shell.Env = append(shell.Env, env...)
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // with what it leaves running
	input, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	shell.Stdin, r.input = input, theirs
	r.shell = process.Start(t, shell)
	_ = input.Close()
	t.Cleanup(func() {
		_ = r.leave()
		_ = syscall.Kill(-r.shell.PID(), syscall.SIGKILL)
	})
	return r
}

// leave says that no more is coming, and waits for the shell's end.
func (r *reader) leave() error {
	_ = r.input.Close() // it may be closed already
	return r.shell.Wait()
}

// run pastes a block and waits for its end.
func (r *reader) run(b block) *paste {
	r.t.Helper()
	p := r.paste(b, "{ %s\n} >%s 2>%s </dev/null\n")
	ended := fmt.Sprintf("ended %d", r.pasted)
	r.write("echo " + ended + "\n")
	wait.Until(r.t, patience, "the end of a block", func() bool {
		over := strings.Contains("\n"+r.shell.Output()+"\n", "\n"+ended+"\n")
		if !over && !r.shell.Running() {
			r.t.Fatalf("the block at line %d fails: %v\n%s", b.line, r.shell.Wait(), p.all())
		}
		return over
	})
	return p
}

// follow pastes a block, one command, that is left running.
func (r *reader) follow(b block) *paste {
	r.t.Helper()
	return r.paste(b, "%s >%s 2>%s </dev/null &\n")
}

// end ends what was left running.
func (p *paste) end() { p.reader.write("kill $! || true\n") }

func (r *reader) paste(b block, format string) *paste {
	r.t.Helper()
	r.pasted++
	name := fmt.Sprintf("block-%d", r.pasted)
	p := &paste{b, r, filepath.Join(r.dir, name+".out"), filepath.Join(r.dir, name+".err")}
	r.write(fmt.Sprintf(format, r.command(b, name), p.output, p.complaints))
	return p
}

var magnetVariable = regexp.MustCompile(`MAGNET='[^']*'`)

// command is what one types for a block.
func (r *reader) command(b block, name string) string {
	r.t.Helper()
	text := strings.ReplaceAll(b.text, "127.0.0.1:9480", strings.TrimPrefix(r.url, "http://"))
	switch b.language {
	case "js":
		r.save(name+".mjs", text)
		return "node " + name + ".mjs"
	case "go":
		source := r.save(name+".go", text)
		args := append([]string{"build", "-o", filepath.Join(r.dir, name)}, raceFlags...)
		if output, err := exec.Command("go", append(args, source)...).CombinedOutput(); err != nil {
			r.t.Fatalf("the block at line %d: %v\n%s", b.line, err, output)
		}
		return "./" + name
	}
	return magnetVariable.ReplaceAllLiteralString(text, "MAGNET='"+r.magnet+"'")
}

func (r *reader) save(name, text string) (path string) {
	r.t.Helper()
	return r.saveBytes(name, []byte(text+"\n"))
}

func (r *reader) saveBytes(name string, content []byte) (path string) {
	r.t.Helper()
	path = filepath.Join(r.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}

func (r *reader) write(text string) {
	if _, err := io.WriteString(r.input, text); err != nil {
		r.t.Fatal(err)
	}
}

// printed is what the block has printed so far.
func (p *paste) printed() string { return content(p.output) }

// all is what it has printed, with what it has to complain about.
func (p *paste) all() string { return p.printed() + content(p.complaints) }

// content is a file's; "" of one that is not there yet.
func content(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}
