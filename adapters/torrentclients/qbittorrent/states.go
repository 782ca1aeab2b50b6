package qbittorrent

import (
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/jsonscan"
)

// phases are the daemon's states of a torrent, of 4.x and 5.x.
var phases = map[string]domain.Phase{
	"metaDL": domain.PhaseMetadata, "forcedMetaDL": domain.PhaseMetadata,
	"downloading": domain.PhaseDownloading, "forcedDL": domain.PhaseDownloading, "stalledDL": domain.PhaseDownloading,
	"allocating": domain.PhaseDownloading,
	"uploading":  domain.PhaseSeeding, "forcedUP": domain.PhaseSeeding, "stalledUP": domain.PhaseSeeding,
	"queuedDL": domain.PhaseQueued, "queuedUP": domain.PhaseQueued,
	"pausedDL": domain.PhaseStopped, "pausedUP": domain.PhaseStopped,
	"stoppedDL": domain.PhaseStopped, "stoppedUP": domain.PhaseStopped,
	"checkingDL": domain.PhaseChecking, "checkingUP": domain.PhaseChecking,
	"checkingResumeData": domain.PhaseChecking, "queuedForChecking": domain.PhaseChecking,
	"moving": domain.PhaseMoving,
	"error":  domain.PhaseStopped, "missingFiles": domain.PhaseStopped,
}

// localErrors are states that say that the files are not well. The API does not
// tell why.
var localErrors = map[string]string{
	"error":        "qbittorrent reports an error with the files of this torrent; its log tells which",
	"missingFiles": "files of this torrent are missing, or not where qbittorrent looks for them",
}

// phase translates the state. One that we do not know is taken for CHECKING,
// which is never finished, unless something is left to be downloaded.
func (t *torrent) phase() domain.Phase {
	phase, known := phases[t.state]
	known = known || t.left > 0
	switch {
	case !known:
		return domain.PhaseChecking
	case phase == "":
		phase = domain.PhaseDownloading
	}
	switch {
	// A new magnet passes through checking, too, with nothing to check.
	case !t.metadataKnown() && (phase == domain.PhaseChecking || phase == domain.PhaseDownloading):
		return domain.PhaseMetadata
	// At the end nothing is left for some moments until the files are in order,
	// and the state says so.
	case phase == domain.PhaseDownloading && t.metadataKnown() && t.size > 0 && t.left == 0:
		return domain.PhaseChecking
	}
	return phase
}

// takeState reads a state as one of those that we know, so that not every
// torrent keeps a text of its own.
func takeState(s *jsonscan.Scanner, into *string) error {
	text, err := s.Text()
	if err != nil {
		return err
	}
	if known, found := stateNames[string(text)]; found {
		*into = known
	} else {
		*into = shorten(string(text))
	}
	return nil
}

var stateNames = func() map[string]string {
	names := make(map[string]string, len(phases))
	for name := range phases {
		names[name] = name
	}
	return names
}()
