package portstest

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// deadTracker is one that nobody runs.
const deadTracker = "http://127.0.0.1:1/announce"

// unfriendlyTracker runs a tracker that refuses everybody, and returns its URL. A daemon
// that cannot reach it has just as much trouble with it.
func unfriendlyTracker(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("d14:failure reason13:not permittede"))
	}))
	t.Cleanup(server.Close)
	return server.URL + "/announce"
}

// completingDownloads is the truth table of completion: its rows are proven on few
// downloads, whose lives lead through several of them.
func completingDownloads() clientFacts {
	return clientFacts{
		"the life of a download":                                    func(t *clientTrial) { (&life{clientTrial: t}).live() },
		"the life of a download that somebody else interferes with": func(t *clientTrial) { (&life{clientTrial: t}).interfere() },
		"the life of a download of several files":                   severalFiles,
	}
}

// life is a download that is led through the rows.
type life struct {
	*clientTrial
	client  ports.OpenClient
	seed    TorrentSeed
	hash    domain.InfoHash
	torrent *followed
	begun   time.Time
	tracker string
	// folder is where its data is.
	folder string
}

func (l *life) conceive() {
	l.client, l.seed, l.begun, l.tracker = l.Open(l.T), l.Seed(l.T, seedSize), time.Now(), unfriendlyTracker(l.T)
	magnet := parse(l.T, l.seed.Magnet.String()+"&tr="+url.QueryEscape(l.tracker))
	l.hash = l.add(l.client, magnet)
	l.torrent = l.follow(magnet, l.whole)
}

// whole reports whether the data is there.
func (l *life) whole() bool { return bytes.Equal(l.seed.File(l.T, l.folder, 0), l.seed.Content) }

func (l *life) live() {
	l.conceive()
	l.row("completion: a magnet without metadata is not complete", func(t *clientTrial) {
		t.untilOne(l.client, "its metadata to be fetched", l.hash, func(transfer domain.Transfer) bool {
			if transfer.MetadataKnown || transfer.Finished() || transfer.FractionDone() != 0 || transfer.LocalError != "" {
				t.Fatalf("%+v", transfer)
			}
			// Just added, it may pass through other phases.
			return transfer.Phase == domain.PhaseMetadata || transfer.Phase == domain.PhaseQueued
		})
		l.torrent.incomplete(t)
	})
	l.row("completion: with a part of it there it is downloading, and not complete", func(t *clientTrial) {
		l.seed.Connect(t.T)
		part := t.untilOne(l.client, "a part of it to be there", l.hash, func(transfer domain.Transfer) bool {
			return transfer.MetadataKnown && transfer.BytesLeft < transfer.BytesWanted && transfer.Phase == domain.PhaseDownloading
		})
		if part.BytesWanted != int64(len(l.seed.Content)) || part.BytesLeft == 0 || part.Name != l.seed.Name {
			t.Fatalf("part of %d bytes of %q: %+v", len(l.seed.Content), l.seed.Name, part)
		}
		l.torrent.incomplete(t)
	})
	l.row("completion: all but the last byte, 99.9999 %, is not complete", func(t *clientTrial) {
		l.seed.AllButLast(t.T)
		left := t.untilOne(l.client, "all but a byte to be there", l.hash, func(transfer domain.Transfer) bool { return transfer.BytesLeft == 1 })
		t.steady("it is not complete", func() bool {
			t.report(l.client, l.hash)
			return l.torrent.completions == 0
		})
		if left.FractionDone() >= 1 {
			t.Fatalf("%+v", left)
		}
	})
	l.row("completion: when all of it is there it is complete and seeding", func(t *clientTrial) {
		l.seed.Complete(t.T)
		whole := t.finish(l.client, l.hash, l.seed)
		if t.harness.Capabilities.TellsFinishTime && whole.FinishedAt == nil {
			t.Fatal("does not tell when it finished")
		}
		if at := whole.FinishedAt; at != nil && (at.Before(l.begun.Add(-2*time.Second)) || at.After(time.Now().Add(2*time.Second))) {
			t.Fatalf("finished at %s; it was between %s and now", at, l.begun)
		}
		l.torrent.complete(t)
		l.finished(t, "it to be seeding", domain.PhaseSeeding)
	})
	l.row("completion: a tracker's error does not keep it from being complete", func(t *clientTrial) {
		if t.can(domain.CapabilityTrackers) {
			t.eventually("the tracker's error to be told", func() bool {
				trackers, err := l.client.Trackers(t.Context(), l.hash)
				ok(t.T, err)
				return len(trackers) == 1 && trackers[0].URL == l.tracker && !trackers[0].Working &&
					(trackers[0].Message != "") == t.harness.Capabilities.TellsTrackerTrouble
			})
		}
		if t.harness.Capabilities.Warns {
			t.untilOne(l.client, "the tracker's error to be a warning", l.hash, func(domain.Transfer) bool { return l.torrent.warned })
		}
		if whole := t.finish(l.client, l.hash, l.seed); whole.LocalError != "" {
			t.Fatalf("%+v", whole)
		}
	})
	l.afterwards()
}

// finished waits until the download is in a phase, and finished.
func (l *life) finished(t *clientTrial, what string, phase domain.Phase) {
	t.Helper()
	t.untilOne(l.client, what, l.hash, func(transfer domain.Transfer) bool { return transfer.Phase == phase && transfer.Finished() })
}

// afterwards leads a finished download on.
func (l *life) afterwards() {
	only := []domain.InfoHash{l.hash}
	if l.can(domain.CapabilityPause) {
		l.row("completion: finished and paused it is complete", func(t *clientTrial) {
			ok(t.T, l.client.Pause(t.Context(), only))
			l.finished(t, "it to be paused", domain.PhaseStopped)
			ok(t.T, l.client.Resume(t.Context(), only))
			l.finished(t, "it to be seeding again", domain.PhaseSeeding)
		})
	}
	if l.can(domain.CapabilityVerify) {
		l.row("completion: verified afterwards it is complete, and not for a second time", func(t *clientTrial) {
			ok(t.T, l.client.Verify(t.Context(), only))
			t.steady("it is finished, or checking", func() bool {
				transfer := t.report(l.client, l.hash).Transfers[l.hash]
				return transfer.Finished() || transfer.Phase == domain.PhaseChecking
			})
			t.finish(l.client, l.hash, l.seed)
			l.torrent.complete(t)
		})
		l.row("completion: damaged and verified it is complete when it is mended", func(t *clientTrial) {
			l.seed.Damage(t.T)
			ok(t.T, l.client.Verify(t.Context(), only))
			// Until it has begun to verify, the daemon knows of no damage; and once it does, it
			// may mend it at once.
			t.untilOne(l.client, "the damage to be found", l.hash, func(transfer domain.Transfer) bool {
				return transfer.BytesLeft > 0 || transfer.Phase == domain.PhaseChecking || l.whole()
			})
			again := t.follow(l.torrent.MagnetURI, l.whole)
			t.eventually("the damage to be mended", func() bool {
				t.report(l.client, l.hash)
				return l.whole()
			})
			t.finish(l.client, l.hash, l.seed)
			again.complete(t)
			l.torrent.complete(t)
		})
	}
	if l.can(domain.CapabilityFolder) {
		folder := l.NewFolder(l.T)
		l.row("completion: moved elsewhere it is complete, with its data", func(t *clientTrial) {
			again := t.follow(l.torrent.MagnetURI, func() bool { return l.whole() || bytes.Equal(l.seed.File(t.T, folder, 0), l.seed.Content) })
			ok(t.T, l.client.Configure(t.Context(), l.hash, domain.TransferSettings{Folder: &folder}))
			t.eventually("its data to be there", func() bool {
				t.report(l.client, l.hash)
				return bytes.Equal(l.seed.File(t.T, folder, 0), l.seed.Content) && l.seed.File(t.T, "", 0) == nil
			})
			l.folder = folder
			t.untilOne(l.client, "it to be finished", l.hash, domain.Transfer.Finished)
			again.complete(t)
		})
	}
	if l.harness.Capabilities.Stops {
		l.row("completion: stopped by hand it is complete", func(t *clientTrial) {
			l.StopByHand(t.T, l.hash)
			l.finished(t, "it to be stopped", domain.PhaseStopped)
		})
	}
	l.row("removing without the data keeps the data", func(t *clientTrial) {
		ok(t.T, l.client.Remove(t.Context(), only, false))
		t.until(l.client, "it to be gone", only, absent)
		if !l.whole() {
			t.Fatal("its data is not there")
		}
		l.torrent.complete(t)
	})
}

// interfere leads a download through what others do at the daemon.
func (l *life) interfere() {
	l.conceive()
	only := []domain.InfoHash{l.hash}
	l.row("completion: removed behind our back it is absent, and not complete", func(t *clientTrial) {
		l.seed.Connect(t.T)
		t.untilOne(l.client, "a part of it to be there", l.hash, func(transfer domain.Transfer) bool {
			return transfer.MetadataKnown && transfer.BytesLeft < transfer.BytesWanted
		})
		t.RemoveByHand(t.T, l.hash)
		t.until(l.client, "it to be absent", only, absent)
		if l.torrent.incomplete(t); l.torrent.MissingSince == nil {
			t.Fatal("it is not missed")
		}
	})
	if l.harness.Capabilities.RatioStops {
		l.StopAtRatio(l.T)
	}
	l.row("completion: added again behind our back it completes once", func(t *clientTrial) {
		t.AddByHand(t.T, l.torrent.MagnetURI)
		l.seed.Complete(t.T)
		t.finish(l.client, l.hash, l.seed)
		if l.torrent.complete(t); l.torrent.MissingSince != nil {
			t.Fatal("it is still missed")
		}
	})
	if l.harness.Capabilities.RatioStops {
		l.row("completion: stopped at its ratio it is complete", func(t *clientTrial) {
			l.finished(t, "it to be stopped at its ratio", domain.PhaseStopped)
			t.steady("it is finished", func() bool { return t.report(l.client, l.hash).Transfers[l.hash].Finished() })
			l.torrent.complete(t)
		})
	}
}
