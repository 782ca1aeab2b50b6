package domain

import (
	"time"

	"github.com/google/uuid"
)

// OpenTorrent is what a check must know of a torrent to tell whether there is
// anything to do: a few columns, since there may be many thousands. The doing
// itself is decided again on the whole Torrent, under its lock.
type OpenTorrent struct {
	ID       uuid.UUID
	InfoHash InfoHash
	// Accepted: the client has taken it.
	Accepted bool
	// Named: it has a name of its own, so the client's is not needed.
	Named        bool
	MissingSince *time.Time
	// ProblemCode is "" when there is no problem.
	ProblemCode ProblemCode
	// RetryAt is when a refused torrent is due again.
	RetryAt *time.Time
}

// DueForHandOver reports whether the client should be given the torrent now.
func (o OpenTorrent) DueForHandOver(now time.Time) bool {
	return !o.Accepted && (o.RetryAt == nil || !now.Before(*o.RetryAt))
}

// Changes reports whether Torrent.Observe of the report would change anything.
func (o OpenTorrent) Changes(report Report, now time.Time) bool {
	if !o.Accepted {
		return false
	}
	transfer, found := report.Transfers[o.InfoHash]
	switch {
	case !found && report.Settling:
		return false
	case !found && o.MissingSince == nil:
		return true
	case !found:
		return o.ProblemCode != ProblemMissing && now.Sub(*o.MissingSince) >= MissingGrace
	case o.MissingSince != nil || transfer.Finished():
		return true
	case !o.Named && transfer.MetadataKnown && CleanName(transfer.Name) != "":
		return true
	}
	hasError := transfer.LocalError != ""
	return hasError != (o.ProblemCode == ProblemLocalError) || (!hasError && o.ProblemCode != "")
}
