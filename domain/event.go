package domain

import (
	"strconv"
	"time"

	"github.com/google/uuid"
)

// EventType says what happened to a torrent.
type EventType string

// The facts that the event log keeps.
const (
	EventAdded            EventType = "ADDED"
	EventChanged          EventType = "CHANGED"
	EventCompleted        EventType = "COMPLETED"
	EventMarkedIncomplete EventType = "MARKED_INCOMPLETE"
	EventRemoved          EventType = "REMOVED"
	EventProblemRaised    EventType = "PROBLEM_RAISED"
	EventProblemCleared   EventType = "PROBLEM_CLEARED"
)

// Event is a fact about a torrent, as it was at that moment. Events are only
// ever appended, in the same transaction as the change they tell of.
type Event struct {
	// Cursor is the event's place in the log; 0 until it is appended.
	Cursor    Cursor
	Type      EventType
	TorrentID uuid.UUID
	ServerID  uuid.UUID
	// UserID is the torrent's user at the time; nil if it had none.
	UserID     *uuid.UUID
	Name       string
	HashString string
	// CompletedAt is set for EventCompleted.
	CompletedAt *time.Time
	// Problem is the message for EventProblemRaised.
	Problem string
	At      time.Time
}

// Cursor is a place in the event log: everything up to and including the event
// of that number has been seen. 0 is the very beginning.
type Cursor int64

// String returns the decimal text of c.
func (c Cursor) String() string { return strconv.FormatInt(int64(c), 10) }

// ParseCursor reads what String wrote. Errors are of KindInvalid, field "after".
func ParseCursor(text string) (Cursor, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, Invalid("after", "must be a cursor that this API gave out, or 0 for the beginning")
	}
	return Cursor(n), nil
}

// CursorExpired is the error for a cursor that the log, pruned since, no longer
// reaches back to.
func CursorExpired(after, oldest Cursor) *Error {
	return &Error{
		Kind: KindCursorExpired, Field: "after", Oldest: oldest,
		Message: "events after " + after.String() + " are no longer all kept; the oldest usable cursor is " + oldest.String(),
	}
}
