package app

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// EventPage is part of the event log.
type EventPage struct {
	Events []domain.Event
	// Next is where to go on: behind the last of Events or, when there are no more,
	// behind all that was looked through.
	Next domain.Cursor
	// More: there are more events already.
	More bool
}

// Find returns at most limit events behind a cursor, or from the oldest that is kept
// when after is nil, in order: of everybody's torrents for an administrator, of a
// member's own for a member. KindCursorExpired when the log does not reach back to
// after.
func (a *Events) Find(ctx context.Context, actor domain.Actor, after *domain.Cursor, filter domain.EventFilter, limit int) (EventPage, error) {
	if err := filter.Validate(); err != nil {
		return EventPage{}, err
	}
	cursor, err := cursorOr(ctx, after, a.EventLog.Oldest)
	if err != nil {
		return EventPage{}, err
	}
	newest, err := a.EventLog.Newest(ctx)
	if err != nil {
		return EventPage{}, err
	}
	if err := reached("after", cursor, newest); err != nil {
		return EventPage{}, err
	}
	events, err := a.EventLog.After(ctx, ports.EventQuery{After: cursor, Filter: audible(actor, filter), Limit: limit + 1})
	if err != nil {
		return EventPage{}, err
	}
	page := EventPage{Events: events, Next: max(cursor, newest), More: len(events) > limit}
	if page.More {
		page.Events = events[:limit]
		page.Next = events[limit-1].Cursor
	} else if len(events) > 0 {
		page.Next = max(page.Next, events[len(events)-1].Cursor)
	}
	return page, nil
}

// cursorOr is the cursor that was given, or else what otherwise returns.
func cursorOr(ctx context.Context, given *domain.Cursor, otherwise func(context.Context) (domain.Cursor, error)) (domain.Cursor, error) {
	if given != nil {
		return *given, nil
	}
	return otherwise(ctx)
}
