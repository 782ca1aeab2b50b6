package domain

import (
	"math"
	"time"
)

// Phase is what a client is doing with a torrent, in the one vocabulary that
// every client adapter translates to.
type Phase string

// The phases of a transfer.
const (
	// PhaseMetadata: a magnet whose info dictionary is still being fetched.
	PhaseMetadata Phase = "FETCHING_METADATA"
	// PhaseQueued: waiting in the client's own queue.
	PhaseQueued Phase = "WAITING"
	// PhaseChecking: the client verifies data, or is finishing its files.
	PhaseChecking Phase = "CHECKING"
	// PhaseDownloading: wanted data is missing and the client fetches it.
	PhaseDownloading Phase = "DOWNLOADING"
	// PhaseSeeding: everything wanted is there and is given to others.
	PhaseSeeding Phase = "SEEDING"
	// PhaseMoving: the client moves the files.
	PhaseMoving Phase = "MOVING"
	// PhaseStopped: paused, stopped at a limit, or stopped by an error.
	PhaseStopped Phase = "STOPPED"
)

// Phases lists the phases in the order of a download's life.
func Phases() []Phase {
	return []Phase{PhaseMetadata, PhaseQueued, PhaseChecking, PhaseDownloading, PhaseSeeding, PhaseMoving, PhaseStopped}
}

// Transfer is what a client reports about one infohash.
type Transfer struct {
	InfoHash InfoHash
	// Name as the client shows it; may be a placeholder before MetadataKnown.
	Name  string
	Phase Phase
	// MetadataKnown: the info dictionary is there, so sizes mean something.
	MetadataKnown bool
	// BytesWanted is the size of the selected files; BytesLeft what of it is
	// still to be downloaded. Exact numbers, never derived from a percentage.
	BytesWanted, BytesLeft int64
	// LocalError is a disk error or the like, as text: such a torrent may look
	// complete and is not.
	LocalError string
	// Warning is trouble that does not keep the torrent from finishing, such as
	// a tracker's error.
	Warning string
	// FinishedAt is when the download finished, where the client tells.
	FinishedAt *time.Time
	// DownloadRate and UploadRate are in bytes per second.
	DownloadRate, UploadRate int64
	// ETA is the time to completion that the client expects; nil if unknown.
	ETA *time.Duration
	// Peers counts the connected peers.
	Peers int
	// Ratio is bytes uploaded per byte downloaded.
	Ratio float64
	// UploadedBytes is what was given to others in all; 0 if unknown.
	UploadedBytes int64
}

// Finished is the one rule of completion: metadata known, something wanted and
// nothing of it left, no local error, and the client neither checking nor
// moving. It is not a status number and not a rounded percentage.
func (t Transfer) Finished() bool {
	return t.MetadataKnown && t.BytesWanted > 0 && t.BytesLeft == 0 &&
		t.LocalError == "" && t.Phase != PhaseChecking && t.Phase != PhaseMoving &&
		t.Phase != PhaseMetadata
}

// FractionDone is the share of the wanted bytes that is there, 0 to 1. It is 1
// only when nothing is left.
func (t Transfer) FractionDone() float64 {
	if !t.MetadataKnown || t.BytesWanted <= 0 {
		return 0
	}
	return fraction(t.BytesLeft, t.BytesWanted)
}

// fraction is how much of all is there when left is missing, 0 to 1; 1 only when
// nothing is.
func fraction(left, all int64) float64 {
	if left <= 0 {
		return 1
	}
	done := float64(all-left) / float64(all)
	return min(max(done, 0), math.Nextafter(1, 0)) // division rounds, and clients err
}

// Report is a client's answer to "how are these torrents?".
type Report struct {
	// Transfers holds those asked for that the client has; the rest are absent.
	Transfers map[InfoHash]Transfer
	// Settling: the client has just started and may not have loaded all its
	// torrents, so that absence proves nothing yet.
	Settling bool
}

// ClientInfo is what a client says about itself.
type ClientInfo struct {
	// Version as the client writes it, for people to read.
	Version string
	// FreeSpace is the room in the download folder in bytes; nil if unknown.
	FreeSpace *int64
}
