package embedded_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/adapters/torrentclients/embedded"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/process"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
)

// The test binary is also the other process: it adds a magnet to a folder and
// stays until it is killed.
const (
	childDir    = "EMBEDDED_TEST_CHILD_DIR"
	childMagnet = "EMBEDDED_TEST_CHILD_MAGNET"
)

func runChild() bool {
	dir := os.Getenv(childDir)
	if dir == "" {
		return false
	}
	client, err := embedded.New(config(dir)).Open(domain.Server{Address: "downloads", Type: embedded.Type})
	if err != nil {
		panic(err)
	}
	if _, err := client.Probe(context.Background()); err != nil {
		panic(err)
	}
	text := os.Getenv(childMagnet)
	if text == "" {
		fmt.Fprintln(os.Stdout, "ready")
		select {}
	}
	magnet, err := domain.ParseMagnet(text)
	if err != nil {
		panic(err)
	}
	if _, err := client.Add(context.Background(), domain.Handover{Magnet: magnet}); err != nil {
		panic(err)
	}
	fmt.Fprintln(os.Stdout, "ready")
	tellLeft(client, magnet.InfoHash())
	return true
}

// tellLeft prints what is left of a download, until the process is killed.
func tellLeft(client ports.TorrentClient, hash domain.InfoHash) {
	last := int64(-1)
	wait.Poll(context.Background(), func() bool {
		report, err := client.Transfers(context.Background(), []domain.InfoHash{hash})
		if err != nil {
			panic(err)
		}
		if got := report.Transfers[hash]; got.MetadataKnown && got.BytesLeft != last {
			last = got.BytesLeft
			fmt.Fprintln(os.Stdout, "left", last)
		}
		return false
	})
}

// toldLeft is what the child has last printed to be left; all when nothing.
func toldLeft(child *process.Process, all int64) int64 {
	lines := strings.Split(child.Output(), "\n")
	for _, line := range slices.Backward(lines) {
		if text, found := strings.CutPrefix(line, "left "); found {
			if left, err := strconv.ParseInt(text, 10, 64); err == nil {
				return left
			}
		}
	}
	return all
}

// startChild runs an engine on dir in a process of its own.
func startChild(t *testing.T, dir, magnet string) *process.Process {
	t.Helper()
	command := exec.Command(os.Args[0], "-test.run=^$")
	command.Env = append(os.Environ(), childDir+"="+dir, childMagnet+"="+magnet)
	return process.Start(t, command)
}
