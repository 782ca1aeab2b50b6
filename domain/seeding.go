package domain

import (
	"math"
	"time"
)

// SeedingPolicy is what becomes of a torrent that has completed, and when: KEEP
// seeds for ever; STOP and REMOVE are done when the first of the goals is reached, or
// at once where none is given.
type SeedingPolicy struct {
	OnComplete OnComplete
	// Ratio is how much of its size is to be given to others; nil for no such goal.
	Ratio *float64
	// Time is how long it seeds, from its completion on: the same for every type of
	// client; nil for no such goal.
	Time *time.Duration
}

// SeedingPolicy is what becomes of the server's torrents, unless they wish otherwise.
func (s Server) SeedingPolicy() SeedingPolicy {
	return SeedingPolicy{OnComplete: s.OnComplete, Ratio: s.SeedRatio, Time: s.SeedTime}
}

// SetSeedingGoals changes when OnComplete is done; nil for no such goal. Errors are of
// KindInvalid, fields "seedRatio" and "seedTime".
func (s *Server) SetSeedingGoals(ratio *float64, seedTime *time.Duration, now time.Time) error {
	if err := checkGoals(ratio, seedTime); err != nil {
		return err
	}
	s.SeedRatio, s.SeedTime, s.UpdatedAt = ratio, inSeconds(seedTime), Instant(now)
	return nil
}

// CheckCapabilities refuses what the server's type of client cannot do.
func (s Server) CheckCapabilities(can Capabilities) error {
	if s.OnComplete == OnCompleteStop && !can.Has(CapabilityPause) {
		return cannotStop(s.Type)
	}
	return nil
}

func cannotStop(kind ClientType) error {
	err := SettingPaused.lacks(kind)
	err.Field = "onComplete"
	return err
}

// SeedingWish is what the user of a torrent wishes to become of it, each in place of
// what its server has; nil for what that has.
type SeedingWish struct {
	OnComplete *OnComplete
	SeedRatio  *float64
	SeedTime   *time.Duration
}

// PolicyOn is what becomes of a torrent of this wish on a server.
func (w SeedingWish) PolicyOn(server Server) SeedingPolicy {
	policy := server.SeedingPolicy()
	if w.OnComplete != nil {
		policy.OnComplete = *w.OnComplete
	}
	if w.SeedRatio != nil {
		policy.Ratio = w.SeedRatio
	}
	if w.SeedTime != nil {
		policy.Time = w.SeedTime
	}
	return policy
}

// Due reports whether nothing is left to wait for: a goal is reached, or there is
// none. While the client is busy with the files, they are left to it.
func (p SeedingPolicy) Due(transfer Transfer, completedAt, now time.Time) bool {
	switch {
	case p.OnComplete == OnCompleteKeep:
		return true
	case transfer.Phase == PhaseChecking || transfer.Phase == PhaseMoving:
		return false
	case p.Ratio == nil && p.Time == nil:
		return true
	}
	return p.Ratio != nil && max(transfer.Ratio, 0) >= *p.Ratio || // below 0: unknown
		p.Time != nil && now.Sub(completedAt) >= *p.Time
}

// The most that can be wished for.
const (
	maxSeedRatio = 1_000_000
	maxSeedTime  = 100 * 365 * 24 * time.Hour
)

func checkGoals(ratio *float64, seedTime *time.Duration) error {
	if r := ratio; r != nil && (math.IsNaN(*r) || *r < 0 || *r > maxSeedRatio) {
		return Invalid("seedRatio", "must be between 0 and %d", maxSeedRatio)
	}
	if t := seedTime; t != nil && (*t < 0 || *t > maxSeedTime) {
		return Invalid("seedTime", "must be between 0 and %.0f seconds", maxSeedTime.Seconds())
	}
	return nil
}

// inSeconds is how a time to seed is kept.
func inSeconds(t *time.Duration) *time.Duration {
	if t == nil {
		return nil
	}
	whole := t.Truncate(time.Second)
	return &whole
}

// observeSeeding is Observe of a torrent that has completed: whatever its client
// does with it, it stays completed.
func (t *Torrent) observeSeeding(server Server, report Report, now time.Time) {
	transfer, found := report.Transfers[t.InfoHash()]
	switch {
	case !found && report.Settling:
	case !found && t.MissingSince == nil:
		t.MissingSince, t.UpdatedAt = &now, now
	case !found && now.Sub(*t.MissingSince) < MissingGrace:
	case !found:
		// Its client has let go of it, and nothing is lost: all of it was there.
		t.endSeeding(now)
		t.untell(now)
	default:
		if t.MissingSince != nil {
			t.MissingSince, t.UpdatedAt = nil, now
		}
		t.seed(server, transfer, now)
	}
}

// seed carries out the policy of a completed torrent when that is due.
func (t *Torrent) seed(server Server, transfer Transfer, now time.Time) {
	policy := t.PolicyOn(server)
	if !t.Seeding || !policy.Due(transfer, *t.CompletedAt, now) {
		return
	}
	t.endSeeding(now)
	switch policy.OnComplete {
	case OnCompleteKeep:
	case OnCompleteStop:
		if !t.Paused || transfer.Phase != PhaseStopped {
			t.Paused = true
			t.Unapplied |= SettingPaused
			t.recordOnce(EventChanged, now)
		}
	case OnCompleteRemove:
		t.removals = append(t.removals, newRemoval(server.ID, t.InfoHash(), false, now))
		t.AcceptedAt = nil
		t.untell(now)
	}
}

func (t *Torrent) endSeeding(now time.Time) {
	t.Seeding, t.MissingSince, t.UpdatedAt = false, nil, now
}

// untell forgets what the client was still to be told: it no longer holds t.
func (t *Torrent) untell(now time.Time) {
	if t.Unapplied != 0 {
		t.Unapplied = 0
		t.recordOnce(EventChanged, now)
	}
	t.clearProblem(now)
}
