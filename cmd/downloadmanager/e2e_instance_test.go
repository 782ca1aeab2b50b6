//go:build linux

package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/postgres"
	"github.com/clarion-app/download-manager/internal/testkit/process"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// patience is how long anything may take on a busy machine before it counts as
// never.
const patience = 90 * time.Second

// adminToken lets the tests in.
const adminToken = "a-token-for-the-tests"

var buildDir string

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "downloadmanager-e2e-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(buildDir)
	os.Exit(code)
}

// program is the real binary, built once: with the tags of the Makefile, and with
// the race detector if the tests have it.
var program = sync.OnceValues(func() (string, error) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		return "", err
	}
	tags := regexp.MustCompile(`(?m)^GOTAGS := (\S+)$`).FindSubmatch(makefile)
	if tags == nil {
		return "", errors.New("the Makefile has no GOTAGS")
	}
	path := filepath.Join(buildDir, "downloadmanager")
	args := append([]string{"build", "-tags", string(tags[1]), "-o", path}, raceFlags...)
	output, err := exec.Command("go", append(args, ".")...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, output)
	}
	return path, err
})

// settings are DM_ variables, without the prefix.
type settings map[string]string

// with returns s with others added.
func (s settings) with(others settings) settings {
	all := maps.Clone(s)
	maps.Copy(all, others)
	return all
}

// onSQLite and onPostgres are all that an installation needs, each on a database
// of its own. Nothing of it is reachable from, or reaches, another machine.
func onSQLite(t *testing.T) settings {
	dir := t.TempDir()
	return installation(dir, "sqlite:"+filepath.Join(dir, "the.db"))
}

func onPostgres(t *testing.T) settings { return installation(t.TempDir(), postgres.URL(t)) }

func installation(dir, database string) settings {
	return settings{
		"ADDR": "127.0.0.1:0", "DATA_DIR": dir, "DATABASE_URL": database, "ADMIN_TOKEN": adminToken,
		"CHECK_INTERVAL": "1s", "EMBEDDED_DHT": "off", "EMBEDDED_LISTEN_HOST": "127.0.0.1",
	}
}

// databases are what everything has to hold on.
var databases = map[string]func(*testing.T) settings{"SQLite": onSQLite, "Postgres": onPostgres}

// instance is the product, running as a process.
type instance struct {
	*process.Process
	t        testing.TB
	settings settings
	// url is where it listens.
	url string
}

// start runs the product until the test ends, at the latest.
func start(t *testing.T, s settings) *instance {
	t.Helper()
	i := &instance{t: t, settings: s}
	t.TempDir() // before the cleanup, so that what was printed is still there
	t.Cleanup(i.lookForTrouble)
	i.Process = process.Start(t, command(t, s, "serve"))
	wait.Until(t, patience, "the product listening", func() bool {
		if !i.Running() {
			t.Fatalf("the product ended at once:\n%s", i.Output())
		}
		i.url = listening(i.Output())
		return i.url != ""
	})
	return i
}

// restart runs the product again, on the same data, after it has ended.
func (i *instance) restart(t *testing.T) *instance {
	t.Helper()
	return start(t, i.settings)
}

// command runs the program with these settings and nothing else of ours.
func command(t testing.TB, s settings, args ...string) *exec.Cmd {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatalf("building the product: %v", err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + cmd.Dir, "GORACE=halt_on_error=0 history_size=2"}
	for name, value := range s {
		cmd.Env = append(cmd.Env, "DM_"+name+"="+value)
	}
	return cmd
}

// tool runs another command of the program to its end.
func tool(t testing.TB, s settings, args ...string) (stdout string, err error) {
	t.Helper()
	cmd := command(t, s, args...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err = cmd.Run(); err != nil {
		err = fmt.Errorf("%w: %s", err, errs.String())
	}
	return out.String(), err
}

// listening finds the address in the log; "" while it is not there.
func listening(output string) string {
	for line := range strings.Lines(output) {
		var entry struct{ Msg, URL string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening" {
			return entry.URL
		}
	}
	return ""
}

// lookForTrouble fails the test for what no run may print.
func (i *instance) lookForTrouble() {
	if i.Process == nil {
		return
	}
	output := i.Output()
	for _, trouble := range []string{"WARNING: DATA RACE", "panic:", "fatal error:", `"level":"ERROR"`, adminToken} {
		if strings.Contains(output, trouble) {
			i.t.Errorf("the product printed %q:\n%s", trouble, output)
			return
		}
	}
}
