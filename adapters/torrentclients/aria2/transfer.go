package aria2

import (
	"fmt"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// longestETA is where an estimate stops to be one.
const longestETA = 100 * 365 * 24 * time.Hour

// transfer translates d to the vocabulary of the domain.
func (d *download) transfer(hash domain.InfoHash) domain.Transfer {
	result := domain.Transfer{
		InfoHash: hash, Name: domain.CleanText(d.name), Phase: d.phase(),
		UploadedBytes: d.uploaded, LocalError: d.localError(),
	}
	if d.sized() {
		result.MetadataKnown = true
		result.BytesWanted, result.BytesLeft = d.total, d.total-d.completed
	}
	if d.completed > 0 && result.MetadataKnown {
		result.Ratio = float64(d.uploaded) / float64(d.completed)
	}
	if d.state != stateActive {
		return result // its last speed is still told when it has long been paused
	}
	result.DownloadRate, result.UploadRate, result.Peers = d.downloadRate, d.uploadRate, int(d.peers)
	if result.BytesLeft > 0 && d.downloadRate > 0 {
		if seconds := result.BytesLeft / d.downloadRate; seconds < int64(longestETA/time.Second) {
			eta := time.Duration(seconds) * time.Second
			result.ETA = &eta
		}
	}
	return result
}

// sized reports whether the sizes are those of the content: they are not while a
// magnet's metadata is fetched (its own size is told then), and all are 0 until the
// download has run for the first time since the daemon started.
func (d *download) sized() bool { return d.hasInfo && d.total > 0 }

func (d *download) phase() domain.Phase {
	switch {
	case d.state == stateWaiting:
		return domain.PhaseQueued
	case d.state != stateActive:
		return domain.PhaseStopped
	case d.verifying:
		return domain.PhaseChecking
	case !d.hasInfo:
		return domain.PhaseMetadata
	case d.completed == d.total:
		return domain.PhaseSeeding
	}
	return domain.PhaseDownloading
}

// localError is why a download has stopped by an error. Trackers' errors do not
// stop one.
func (d *download) localError() string {
	if d.state != stateError {
		return ""
	}
	if text := shorten(d.failure); text != "" {
		return text
	}
	return fmt.Sprintf("aria2 stopped it with error %d", d.code)
}
