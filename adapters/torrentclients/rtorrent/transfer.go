package rtorrent

import (
	"strings"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// longestETA is where an estimate stops to be one.
const longestETA = 100 * 365 * 24 * time.Hour

// transfer translates r to the vocabulary of the domain. wanted is the size of the
// files that are to be downloaded, where that is not all of them; else -1.
func (r *row) transfer(wanted int64) domain.Transfer {
	t := domain.Transfer{
		InfoHash: r.hash, Name: r.name, Phase: r.phase(), MetadataKnown: !r.meta,
		DownloadRate: r.downRate, UploadRate: r.upRate, Peers: int(min(r.peers, 1<<20)),
		UploadedBytes: r.upTotal, Ratio: float64(r.perMille) / 1000,
	}
	if !r.meta { // the size of a magnet without metadata is that of a placeholder
		t.BytesWanted, t.BytesLeft = r.bytes(wanted)
	}
	t.LocalError, t.Warning = r.trouble()
	if r.complete && r.finished > 0 && !r.meta {
		at := time.Unix(r.finished, 0).UTC()
		t.FinishedAt = &at
	}
	if t.Phase == domain.PhaseDownloading && r.downRate > 0 {
		if seconds := t.BytesLeft / r.downRate; seconds < int64(longestETA/time.Second) {
			eta := time.Duration(seconds) * time.Second
			t.ETA = &eta
		}
	}
	return t
}

// bytes tells how much is wanted, and what of it is left. The daemon counts what
// is left of all files, wanted or not.
func (r *row) bytes(wanted int64) (size, left int64) {
	if wanted < 0 || wanted > r.size {
		if r.complete {
			return r.size, 0
		}
		return r.size, min(r.left, r.size)
	}
	if r.wantedChunks == 0 || r.complete {
		return wanted, 0
	}
	// Whole chunks: one at the edge of a wanted file holds some of its neighbour.
	return wanted, min(wanted, r.wantedChunks*max(1, r.chunkSize))
}

// done reports whether there is nothing left to download.
func (r *row) done() bool {
	return !r.meta && (r.complete || (r.leftOut() > 0 && r.wantedChunks == 0))
}

func (r *row) phase() domain.Phase {
	switch {
	case r.hashing != 0 && r.failed:
		return domain.PhaseStopped // the check has failed, and still stands in the queue
	case r.hashing != 0 && !r.meta:
		return domain.PhaseChecking
	case !r.started, r.open && !r.active && r.hashing == 0: // stopped, paused
		return domain.PhaseStopped
	case r.meta:
		return domain.PhaseMetadata
	case !r.active && r.failed:
		return domain.PhaseStopped
	case !r.active:
		return domain.PhaseQueued
	case r.done():
		return domain.PhaseSeeding
	}
	return domain.PhaseDownloading
}

// localTrouble begins what the daemon says when it cannot read or write files;
// what comes of trackers is in brackets behind "Tracker: ".
var localTrouble = []string{
	"Storage error", "Hash check", "Download registered", "File ", "Could not", "Cannot", "No space",
}

// trouble tells what is wrong: with the files, or else with something. The message
// of an old trouble stays while a torrent runs again, until a tracker answers. So
// one that runs has none with its files.
func (r *row) trouble() (local, warning string) {
	if r.failed {
		if r.message != "" && !strings.HasPrefix(r.message, "Tracker:") {
			return r.message, ""
		}
		return "its files cannot be read or written (rtorrent's log may tell more)", ""
	}
	if !r.active && r.hashing == 0 {
		for _, begin := range localTrouble {
			if strings.HasPrefix(r.message, begin) {
				return r.message, ""
			}
		}
	}
	return "", r.message
}
