package portstest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

// proven notes what has been proved of a client.
type proven struct {
	mu    sync.Mutex
	ended int
	names []string
}

// add notes a fact.
func (p *proven) add(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.names = append(p.names, name)
}

// end notes a fact that has been proven, or whose rows have been.
func (p *proven) end(trial *clientTrial, name string) {
	if !trial.rows {
		p.add(name)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended++
}

// compare holds what has been proven against what is written down of it, or writes it
// down, when all facts were proven (and not only those that somebody has chosen).
func (p *proven) compare(t *testing.T, harness TorrentClientHarness, all int) {
	t.Helper()
	if harness.Proven == "" || t.Failed() || p.ended < all {
		return
	}
	got := p.write(harness)
	if harness.Update {
		ok(t, os.MkdirAll(filepath.Dir(harness.Proven), 0o750))
		ok(t, os.WriteFile(harness.Proven, got, 0o600))
		return
	}
	want, err := os.ReadFile(harness.Proven)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what was proven (error %v); go test -update, run for this package, writes it anew:\n%s", harness.Proven, err, got)
	}
}

// write writes down what has been proven, for docs/torrent-clients.md.
func (p *proven) write(harness TorrentClientHarness) []byte {
	var text bytes.Buffer
	words := func(some domain.Capabilities) string {
		return strings.Trim(fmt.Sprint(some), "[]")
	}
	fmt.Fprintf(&text, "type: %s\nversion: %s\ndeclared: %s\n\n", harness.Type, harness.Version, words(harness.Declared))
	for _, name := range slices.Compact(slices.Sorted(slices.Values(p.names))) {
		fmt.Fprintln(&text, name)
	}
	return text.Bytes()
}
