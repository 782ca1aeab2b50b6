package ports

import (
	"context"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// EventQuery asks for part of the event log.
type EventQuery struct {
	// After is where the reader is.
	After domain.Cursor
	// Filter: only events that it lets through.
	Filter domain.EventFilter
	// Limit is the most events to return; it must be positive.
	Limit int
}

// EventLog is the append-only log of what happened to torrents. Appending is
// the business of TorrentRepository, which does it in the transaction of the
// change.
type EventLog interface {
	// After returns the events behind a cursor, in order. A reader that goes on
	// from the last cursor it was given misses none, however transactions
	// overlap. KindCursorExpired when events behind the cursor were pruned.
	After(ctx context.Context, query EventQuery) ([]domain.Event, error)

	// Newest returns the cursor of the newest event, 0 when there was never one.
	Newest(ctx context.Context) (domain.Cursor, error)

	// Oldest returns the oldest cursor that a reader may still go on from; 0 when
	// nothing was ever pruned.
	Oldest(ctx context.Context) (domain.Cursor, error)

	// Prune forgets events older than before, but never the newest, and returns
	// how many.
	Prune(ctx context.Context, before time.Time) (int, error)
}

// EventSignal hints that the log may have grown: in this process or another.
type EventSignal interface {
	// Subscribe returns a channel that gets a value soon after the log has grown.
	// Hints may be merged, late or spurious; reading the log is what counts. stop
	// must be called and may be called twice.
	Subscribe() (hint <-chan struct{}, stop func())
}
