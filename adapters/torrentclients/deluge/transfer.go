package deluge

import (
	"strings"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// The daemon's states of a torrent.
const (
	stateDownloading = "Downloading"
	stateSeeding     = "Seeding"
	statePaused      = "Paused"
	stateChecking    = "Checking"
	stateAllocating  = "Allocating"
	stateQueued      = "Queued"
	stateMoving      = "Moving"
	stateError       = "Error"
)

// longestETA, in seconds, is where an estimate stops to be one.
const longestETA = 100 * 365 * 24 * 3600

// transfer translates t to the vocabulary of the domain, all but its infohash.
func (t *torrent) transfer() domain.Transfer {
	result := domain.Transfer{
		Name: domain.CleanText(t.name), Phase: t.phase(), MetadataKnown: t.pieces > 0,
		BytesWanted: t.wanted, BytesLeft: t.remaining,
		DownloadRate: max(0, t.downloadRate), UploadRate: max(0, t.uploadRate), UploadedBytes: max(0, t.uploaded),
		Peers: int(max(0, t.peers) + max(0, t.seeds)), Ratio: max(0, t.ratio),
	}
	if t.state == stateError {
		result.LocalError = shorten(t.message)
		if result.LocalError == "" || result.LocalError == "OK" {
			result.LocalError = "the daemon tells of an error without saying which"
		}
	}
	result.Warning = t.warning()
	if t.completedTime > 0 && t.remaining == 0 {
		at := time.Unix(t.completedTime, 0).UTC()
		result.FinishedAt = &at
	}
	if t.eta > 0 && t.eta < longestETA && t.remaining > 0 {
		eta := time.Duration(t.eta) * time.Second
		result.ETA = &eta
	}
	return result
}

// warning is the tracker's, which the daemon tells of behind a word.
func (t *torrent) warning() string {
	for _, kind := range []string{"Error: ", "Warning: "} {
		if text, found := strings.CutPrefix(t.trackerStatus, kind); found {
			return shorten(text)
		}
	}
	return ""
}

// doubtful reports whether nothing is left and the daemon does not call that
// finished. It counts bytes anew at most every 1.5 seconds, while states and this
// flag come at once: after a verification that has found nothing, the old count is
// still told for a moment, whatever the state is by then.
func (t *torrent) doubtful() bool {
	return t.wanted > 0 && t.remaining == 0 && !t.finished
}

func (t *torrent) phase() domain.Phase {
	switch t.state {
	case stateError:
		return domain.PhaseStopped
	case stateMoving:
		return domain.PhaseMoving
	case statePaused:
		if t.doubtful() {
			return domain.PhaseChecking
		}
		return domain.PhaseStopped
	case stateSeeding:
		if t.remaining > 0 {
			return domain.PhaseDownloading // of which the count is the old one, or the state
		}
		return domain.PhaseSeeding
	case stateQueued:
		switch {
		case t.doubtful():
			return domain.PhaseChecking
		case t.completedTime > 0 && t.remaining > 0:
			return domain.PhaseChecking // waiting to be verified: where more is to be downloaded, that time is 0 again
		case t.wanted > 0 && t.remaining == 0:
			return domain.PhaseSeeding
		}
		return domain.PhaseQueued
	case stateChecking, stateAllocating:
		if t.pieces == 0 { // a new magnet passes through this, too, with nothing to verify
			return domain.PhaseMetadata
		}
		return domain.PhaseChecking
	case stateDownloading:
		switch {
		case t.pieces == 0:
			return domain.PhaseMetadata
		case t.remaining == 0 && t.wanted > 0:
			return domain.PhaseChecking // putting the files in order, or counting anew
		}
		return domain.PhaseDownloading
	}
	return domain.PhaseChecking // of a later version: whatever it is, not a state to call something finished in
}
