//go:build linux

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/internal/testkit/process"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// TestTheFirstStepsOfTheReadme pastes what the README says into a shell: the blocks
// that it marks, as they stand, but for the address, and for a magnet link to what
// a seeder on this machine has.
func TestTheFirstStepsOfTheReadme(t *testing.T) {
	t.Parallel()
	s := onSQLite(t)
	delete(s, "ADMIN_TOKEN")
	product := start(t, s)
	film := newSeeder(t, "film.mkv")
	film.Hold()

	shell := exec.Command("sh", "-eu", "-c", firstSteps(t, product.url, film.MagnetWithPeer())+"\nwait\n")
	shell.Dir = t.TempDir()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(shell.Dir, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, filepath.Join(shell.Dir, "bin", "downloadmanager")); err != nil {
		t.Fatal(err)
	}
	shell.Env = command(t, s).Env
	newcomer := process.Start(t, shell)
	wait.Until(t, patience, "the README's last answer, with both torrents under way", func() bool {
		if !newcomer.Running() {
			t.Fatalf("the shell ended:\n%s", newcomer.Output())
		}
		return strings.Count(newcomer.Output(), `"progress":`) == 2
	})
	film.Release()
	wait.Until(t, patience, "both completions, as the README's subscription prints them", func() bool {
		return strings.Count(newcomer.Output(), `{"data":{"torrentCompleted":{"cursor":`) == 2
	})
	if !strings.Contains(newcomer.Output(), film.InfoHash()) {
		t.Errorf("of something else:\n%s", newcomer.Output())
	}
	product.Stop() // which ends the subscription, and so the shell
	if err := newcomer.Wait(); err != nil {
		t.Errorf("the shell: %v", err)
	}
}

// firstSteps are the README's marked blocks as a script; one that is left running
// runs in the background.
func firstSteps(t *testing.T, url, magnet string) string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)<!-- e2e: (run|follow) -->\n```sh\n(.*?)\n```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) < 5 {
		t.Fatalf("the README has %d marked blocks", len(blocks))
	}
	var script strings.Builder
	for _, block := range blocks {
		script.WriteString(block[2])
		if block[1] == "follow" {
			script.WriteString(" &")
		}
		script.WriteString("\n")
	}
	text := strings.ReplaceAll(script.String(), "http://127.0.0.1:9480", url)
	if !strings.Contains(text, url) || !strings.Contains(text, "MAGNET='") {
		t.Fatalf("the README names no address or no magnet:\n%s", text)
	}
	return regexp.MustCompile(`MAGNET='[^']*'`).ReplaceAllLiteralString(text, "MAGNET='"+magnet+"'")
}
