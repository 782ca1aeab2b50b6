package portstest

import (
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// followed is a torrent that hears of every report that the suite gets of its
// transfer, just as if checks had asked.
type followed struct {
	*domain.Torrent
	server domain.Server
	// whole reports whether all that is wanted is on the disk; nil is never.
	whole       func() bool
	completions int
	// warned: there was a warning in some report.
	warned bool
}

// follow makes a torrent of a magnet, which the client has accepted, hear of all
// reports from now on.
func (t *clientTrial) follow(magnet domain.Magnet, whole func() bool) *followed {
	t.Helper()
	server := domain.Server{ID: uuid.New(), LocalNode: "node", Type: t.harness.Type}
	torrent, err := domain.NewTorrent(magnet, "", server, nil, time.Now())
	ok(t.T, err)
	torrent.Accept(server, magnet.InfoHash(), magnet.InfoHash(), time.Now())
	torrent.TakeEvents()
	f := &followed{Torrent: torrent, server: server, whole: whole}
	t.followed = append(t.followed, f)
	return f
}

// tell tells a report to those whom it concerns, and proves that a torrent completes
// once, and only when all of it is there.
func (t *clientTrial) tell(report domain.Report, asked []domain.InfoHash) {
	t.Helper()
	for _, f := range t.followed {
		for _, hash := range asked {
			if hash != f.InfoHash() {
				continue
			}
			f.warned = f.warned || report.Transfers[hash].Warning != ""
			f.Observe(f.server, report, time.Now())
			for _, event := range f.TakeEvents() {
				if event.Type != domain.EventCompleted {
					continue
				}
				f.completions++
				if f.completions > 1 || f.whole == nil || !f.whole() {
					t.Fatalf("completed for the %d. time, and not all of it is there: %+v", f.completions, report.Transfers[hash])
				}
			}
		}
	}
}

// incomplete proves that a torrent has not been told to be complete.
func (f *followed) incomplete(t *clientTrial) {
	t.Helper()
	if f.completions != 0 {
		t.Fatal("it is complete")
	}
}

// complete proves that a torrent has completed, once.
func (f *followed) complete(t *clientTrial) {
	t.Helper()
	if f.completions != 1 {
		t.Fatalf("completed %d times", f.completions)
	}
}
