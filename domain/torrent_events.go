package domain

import "time"

// TakeEvents returns the events recorded since the last call, in order, and
// forgets them. A repository calls it when it saves.
func (t *Torrent) TakeEvents() []Event {
	events := t.events
	t.events = nil
	return events
}

// TakeRemovals returns the removals recorded since the last call and forgets
// them. A repository calls it when it saves.
func (t *Torrent) TakeRemovals() []Removal {
	removals := t.removals
	t.removals = nil
	return removals
}

func (t *Torrent) record(kind EventType, now time.Time) {
	t.UpdatedAt = now
	event := Event{
		Type: kind, TorrentID: t.ID, ServerID: t.ServerID, UserID: t.UserID,
		Name: t.Name, HashString: t.HashString, At: now,
	}
	if kind == EventCompleted {
		event.CompletedAt = t.CompletedAt
	}
	if kind == EventProblemRaised {
		event.Problem = t.Problem.Message
	}
	t.events = append(t.events, event)
}

// recordOnce records what may have been recorded by the same change already.
func (t *Torrent) recordOnce(kind EventType, now time.Time) {
	if last := len(t.events) - 1; last >= 0 && t.events[last].Type == kind {
		t.events = t.events[:last]
	}
	t.record(kind, now)
}

// raise puts a problem beside t. The same trouble again keeps its beginning and
// makes no second event.
func (t *Torrent) raise(p *Problem, now time.Time) {
	now = Instant(now)
	before := t.Problem
	if before != nil && before.Code == p.Code {
		p.Since = before.Since
	}
	t.Problem, t.UpdatedAt = p, now
	if before == nil || before.Code != p.Code || before.Message != p.Message {
		t.record(EventProblemRaised, now)
	}
}

func (t *Torrent) has(code ProblemCode) bool { return t.Problem != nil && t.Problem.Code == code }

func (t *Torrent) clearProblem(now time.Time) {
	if t.Problem == nil {
		return
	}
	t.Problem = nil
	t.record(EventProblemCleared, now)
}
