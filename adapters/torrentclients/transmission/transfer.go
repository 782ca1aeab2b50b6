package transmission

import (
	"strings"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/jsonscan"
)

// The daemon's states of a torrent, and its kinds of error.
const (
	statusStopped = iota
	statusCheckWait
	statusCheck
	statusDownloadWait
	statusDownload
	statusSeedWait
	statusSeed

	failureLocal = 3 // 1 and 2 are trackers'
)

// longestETA, in seconds, is where an estimate stops to be one.
const longestETA = 100 * 365 * 24 * 3600

// transfer translates t to the vocabulary of the domain, all but its infohash.
func (t *torrent) transfer() domain.Transfer {
	result := domain.Transfer{
		Name: clean(t.name), Phase: t.phase(), MetadataKnown: t.metadataKnown(),
		BytesWanted: t.size, BytesLeft: t.left,
		DownloadRate: max(0, t.downloadRate), UploadRate: max(0, t.uploadRate),
		Peers: int(max(0, t.peers)), Ratio: t.ratio, UploadedBytes: max(0, t.uploaded),
	}
	switch {
	case t.failure == failureLocal:
		result.LocalError = shorten(t.errorText)
		if result.LocalError == "" {
			result.LocalError = "the daemon tells of a local error without saying which"
		}
	case t.failure > 0:
		result.Warning = shorten(t.errorText)
	}
	if t.doneDate > 0 && t.left == 0 {
		at := time.Unix(t.doneDate, 0).UTC()
		result.FinishedAt = &at
	}
	if t.eta >= 0 && t.eta < longestETA {
		eta := time.Duration(t.eta) * time.Second
		result.ETA = &eta
	}
	return result
}

// clean is domain.CleanText, which most names need not go through.
func clean(name string) string {
	if !jsonscan.Plain(name) {
		return domain.CleanText(name)
	}
	return strings.TrimSpace(name)
}

func (t *torrent) metadataKnown() bool {
	if !t.hasMetadata {
		return t.size > 0
	}
	return t.metadata == 1
}

func (t *torrent) phase() domain.Phase {
	switch {
	case t.status == statusStopped:
		return domain.PhaseStopped
	case t.status == statusCheckWait || t.status == statusCheck:
		if !t.metadataKnown() { // a new magnet passes through verification, too, with nothing to verify
			return domain.PhaseMetadata
		}
		return domain.PhaseChecking
	case t.status >= statusSeedWait:
		return domain.PhaseSeeding
	case t.left == 0 && t.size > 0 && t.doneDate <= 0:
		// For about half a second at the end nothing is left, and the daemon is
		// still putting the files in order.
		return domain.PhaseChecking
	case t.status == statusDownloadWait:
		return domain.PhaseQueued
	case !t.metadataKnown():
		return domain.PhaseMetadata
	}
	return domain.PhaseDownloading
}
