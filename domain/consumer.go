package domain

import (
	"time"

	"github.com/google/uuid"
)

// MostConsumers bounds how many consumers a user can have.
const MostConsumers = 100

// Consumer is a reader of the event log by the name that its user gave it. How far it
// has got is remembered here, so that it needs no memory of its own.
type Consumer struct {
	UserID uuid.UUID
	Name   string
	// Cursor is where it goes on: all up to there is done with.
	Cursor    Cursor
	CreatedAt time.Time
	UpdatedAt time.Time
}

// ConsumerName reads the name of a consumer as somebody typed it. Errors are of
// KindInvalid, field "consumer".
func ConsumerName(text string) (string, error) {
	name := CleanText(text)
	if name == "" {
		return "", Invalid("consumer", "must be a name of 1 to %d characters", MaxNameLength)
	}
	return name, checkLength("consumer", name)
}

// NewConsumer makes a consumer for a user who has so many already. Errors are of
// KindConflict.
func NewConsumer(userID uuid.UUID, name string, cursor Cursor, already int, now time.Time) (*Consumer, error) {
	if already >= MostConsumers {
		return nil, Conflict("there are %d consumers already; remove one that is not needed any more", already)
	}
	now = Instant(now)
	return &Consumer{UserID: userID, Name: name, Cursor: cursor, CreatedAt: now, UpdatedAt: now}, nil
}

// Acknowledge notes that all up to cursor is done with. A place that was passed
// before changes nothing.
func (c *Consumer) Acknowledge(cursor Cursor, now time.Time) {
	if cursor > c.Cursor {
		c.Cursor, c.UpdatedAt = cursor, Instant(now)
	}
}
