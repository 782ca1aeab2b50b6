package domain

import (
	"time"

	"github.com/google/uuid"
)

// OpenTorrent is what a check must know of a torrent that it attends to, to tell
// whether there is anything to do: a few columns, since there may be many thousands.
// The doing itself is decided again on the whole Torrent, under its lock.
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
	// RetryAt is when a refused torrent, or setting, is due again.
	RetryAt *time.Time
	// Unapplied is what the client has not been told yet.
	Unapplied Settings
	// Completed is nil while it is open.
	Completed *CompletedTorrent
}

// CompletedTorrent is what a check must know besides of an OpenTorrent that has
// completed, of which there are few.
type CompletedTorrent struct {
	At      time.Time
	Seeding bool
	SeedingWish
}

// DueForHandOver reports whether the client should be given the torrent now.
func (o OpenTorrent) DueForHandOver(now time.Time) bool {
	return !o.Accepted && o.Completed == nil && o.due(now)
}

// DueForTelling reports whether the client should be told now how to treat the
// torrent.
func (o OpenTorrent) DueForTelling(report Report, now time.Time) bool {
	transfer, found := report.Transfers[o.InfoHash]
	return o.Accepted && found && o.Unapplied.tellable(transfer) != 0 && o.due(now)
}

func (o OpenTorrent) due(now time.Time) bool { return o.RetryAt == nil || !now.Before(*o.RetryAt) }

// Changes reports whether Torrent.Observe of the server's report would change
// anything.
func (o OpenTorrent) Changes(server Server, report Report, now time.Time) bool {
	if !o.Accepted {
		return false
	}
	if o.Completed != nil {
		return o.changesSeeding(server, report, now)
	}
	transfer, found := report.Transfers[o.InfoHash]
	switch {
	case !found && report.Settling:
		return false
	case !found && o.MissingSince == nil:
		return true
	case !found:
		return o.ProblemCode != ProblemMissing && now.Sub(*o.MissingSince) >= MissingGrace
	case o.MissingSince != nil || o.Unapplied.allFinished(transfer):
		return true
	case !o.Named && transfer.MetadataKnown && CleanName(transfer.Name) != "":
		return true
	}
	hasError := transfer.LocalError != ""
	return hasError != (o.ProblemCode == ProblemLocalError) ||
		(!hasError && o.ProblemCode != "" && o.ProblemCode != ProblemSettingRefused)
}

// changesSeeding is Changes of a torrent that has completed.
func (o OpenTorrent) changesSeeding(server Server, report Report, now time.Time) bool {
	transfer, found := report.Transfers[o.InfoHash]
	switch {
	case !found && report.Settling:
		return false
	case !found:
		return o.MissingSince == nil || now.Sub(*o.MissingSince) >= MissingGrace
	case o.MissingSince != nil:
		return true
	}
	return o.Completed.Seeding && o.Completed.PolicyOn(server).Due(transfer, o.Completed.At, now)
}
