package domain

import "time"

// What a check tells a torrent: the transitions that come of a client's answers.

// MissingGrace is how long a torrent may be absent from its client's reports
// before that is called a problem.
const MissingGrace = 15 * time.Second

// Back-off of a torrent that its client refuses.
const (
	refusedRetryFirst = 30 * time.Second
	refusedRetryMost  = 6 * time.Hour
)

// Accept records that the client of server took handedOver, the infohash of t's
// magnet when the handing over began. If t has been removed, moved or given
// another magnet meanwhile, the client is to let go of it again.
func (t *Torrent) Accept(server Server, handedOver, reported InfoHash, now time.Time) {
	now = Instant(now)
	if t.DeletedAt != nil || t.ServerID != server.ID || t.InfoHash() != handedOver {
		t.removals = append(t.removals, newRemoval(server.ID, handedOver, false, now))
		return
	}
	if t.AcceptedAt != nil || t.CompletedAt != nil {
		return
	}
	if t.unnamed() {
		t.Name = reported.String() // a name that can be seen, until the real one is known
	}
	t.AcceptedAt, t.HashString, t.MissingSince, t.Begun = &now, reported.String(), nil, true
	t.clearProblem(now)
	t.record(EventChanged, now)
}

// Refuse records that the client of server did not take handedOver; it is tried
// again with exponential back-off.
func (t *Torrent) Refuse(server Server, handedOver InfoHash, message string, now time.Time) {
	if !t.Open() || t.AcceptedAt != nil || t.ServerID != server.ID || t.InfoHash() != handedOver {
		return
	}
	t.raise(failedAgain(t.Problem, ProblemRefused, message, Instant(now), refusedRetryFirst, refusedRetryMost), now)
}

// Observe records what the client of server reports about t.
func (t *Torrent) Observe(server Server, report Report, now time.Time) {
	if !t.Attended() || t.AcceptedAt == nil || t.ServerID != server.ID {
		return
	}
	now = Instant(now)
	if t.CompletedAt != nil {
		t.observeSeeding(server, report, now)
		return
	}
	transfer, found := report.Transfers[t.InfoHash()]
	if !found {
		if !report.Settling {
			t.observeMissing(now)
		}
		return
	}
	if t.MissingSince != nil {
		t.MissingSince, t.UpdatedAt = nil, now
	}
	if t.unnamed() && transfer.MetadataKnown {
		if name := CleanName(transfer.Name); name != "" && name != t.Name {
			t.Name = name
			t.record(EventChanged, now)
		}
	}
	if transfer.LocalError != "" {
		if t.has(ProblemLocalError) {
			return
		}
		t.raise(&Problem{Code: ProblemLocalError, Message: truncate(transfer.LocalError, maxProblemMessage), Since: now}, now)
		return
	}
	if !t.has(ProblemSettingRefused) {
		t.clearProblem(now)
	}
	if transfer.Finished() {
		t.complete(completionTime(transfer, t.CreatedAt, now), now)
		t.Seeding = true
		t.seed(server, transfer, now)
	}
}

// observeMissing notes an absence and, when it has lasted, calls it a problem.
// A torrent that its client lost is neither forgotten nor taken for complete.
func (t *Torrent) observeMissing(now time.Time) {
	if t.MissingSince == nil {
		t.MissingSince, t.UpdatedAt = &now, now
		return
	}
	if now.Sub(*t.MissingSince) >= MissingGrace && !t.has(ProblemMissing) {
		t.raise(&Problem{
			Code: ProblemMissing, Since: now,
			Message: "the torrent is no longer in its client; mark it incomplete to hand it over again, or remove it",
		}, now)
	}
}

// completionTime is the client's own finishing time where that is believable.
func completionTime(transfer Transfer, created, now time.Time) time.Time {
	if at := transfer.FinishedAt; at != nil && !at.Before(created) && at.Before(now) {
		return Instant(*at)
	}
	return now
}
