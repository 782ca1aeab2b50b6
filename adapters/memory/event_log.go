package memory

import (
	"context"
	"slices"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

type eventLog struct{ *Store }

// EventLog is the Store as a ports.EventLog.
func (s *Store) EventLog() ports.EventLog { return eventLog{s} }

// After implements ports.EventLog.
func (s eventLog) After(ctx context.Context, query ports.EventQuery) (events []domain.Event, err error) {
	err = s.do(ctx, "EventLog.After", func() error {
		if query.After < s.pruned {
			return domain.CursorExpired(query.After, s.pruned)
		}
		for _, event := range s.events {
			if len(events) == query.Limit {
				break
			}
			if event.Cursor > query.After && query.Filter.Matches(&event) {
				events = append(events, copyEvent(event))
			}
		}
		return nil
	})
	return events, err
}

// Newest implements ports.EventLog.
func (s eventLog) Newest(ctx context.Context) (newest domain.Cursor, err error) {
	err = s.do(ctx, "EventLog.Newest", func() error {
		newest = s.newest
		return nil
	})
	return newest, err
}

// Oldest implements ports.EventLog.
func (s eventLog) Oldest(ctx context.Context) (oldest domain.Cursor, err error) {
	err = s.do(ctx, "EventLog.Oldest", func() error {
		oldest = s.pruned
		return nil
	})
	return oldest, err
}

// Prune implements ports.EventLog.
func (s eventLog) Prune(ctx context.Context, before time.Time) (pruned int, err error) {
	err = s.do(ctx, "EventLog.Prune", func() error {
		s.events = slices.DeleteFunc(s.events, func(event domain.Event) bool {
			old := event.At.Before(before) && event.Cursor != s.newest
			if old {
				pruned++
				s.Store.pruned = max(s.Store.pruned, event.Cursor)
			}
			return old
		})
		return nil
	})
	return pruned, err
}
