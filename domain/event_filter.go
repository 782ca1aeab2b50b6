package domain

import (
	"slices"

	"github.com/google/uuid"
)

// MostFilterIDs bounds how many torrents an EventFilter can name.
const MostFilterIDs = 1000

// EventTypes lists the facts that the event log keeps.
func EventTypes() []EventType {
	return []EventType{
		EventAdded, EventChanged, EventCompleted, EventMarkedIncomplete,
		EventRemoved, EventProblemRaised, EventProblemCleared,
	}
}

// ParseEventType reads the name of a fact. Errors are of KindInvalid, field "type".
func ParseEventType(text string) (EventType, error) {
	if kind := EventType(text); slices.Contains(EventTypes(), kind) {
		return kind, nil
	}
	return "", Invalid("type", "must be one of %v", EventTypes())
}

// EventFilter narrows what is told of the event log; a zero field does not.
type EventFilter struct {
	// Types: only these facts.
	Types []EventType
	// TorrentIDs: only those about these torrents, at most MostFilterIDs; nil for all.
	TorrentIDs []uuid.UUID
	// ServerID: only those of torrents that this server had at that moment.
	ServerID *uuid.UUID
	// UserID: only those of torrents that were this user's at that moment.
	UserID *uuid.UUID
}

// Validate refuses what would be too much. Errors are of KindInvalid.
func (f EventFilter) Validate() error {
	if len(f.TorrentIDs) > MostFilterIDs {
		return Invalid("torrentIds", "must not be more than %d", MostFilterIDs)
	}
	if f.Types != nil && (len(f.Types) == 0 || len(f.Types) > len(EventTypes())) {
		return Invalid("types", "must name from 1 to %d types, or be left out", len(EventTypes()))
	}
	return nil
}

// Matches reports whether f lets e through.
func (f EventFilter) Matches(e *Event) bool {
	return (len(f.Types) == 0 || slices.Contains(f.Types, e.Type)) &&
		(f.ServerID == nil || e.ServerID == *f.ServerID) &&
		(f.UserID == nil || e.UserID != nil && *e.UserID == *f.UserID) &&
		(f.TorrentIDs == nil || slices.Contains(f.TorrentIDs, e.TorrentID))
}
