package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Events tells what happened to torrents: what is past and what is to come.
type Events struct {
	EventLog ports.EventLog
	Signal   ports.EventSignal
	Log      *slog.Logger
	// Poll is how often the log is read without a hint: the safety net.
	Poll time.Duration
}

// eventBatch is how many events are read at a time.
const eventBatch = 100

// FindCompletions returns at most limit completions behind a cursor, or from the
// oldest that is kept when after is nil, in order: of everybody's torrents for an
// administrator, of a member's own for a member. KindCursorExpired when the log
// does not reach back to after.
func (a *Events) FindCompletions(ctx context.Context, actor domain.Actor, after *domain.Cursor, limit int) ([]domain.Event, error) {
	cursor, err := cursorOr(ctx, after, a.EventLog.Oldest)
	if err != nil {
		return nil, err
	}
	return a.completions(ctx, actor, cursor, limit)
}

// cursorOr is the cursor that was given, or else what otherwise returns.
func cursorOr(ctx context.Context, given *domain.Cursor, otherwise func(context.Context) (domain.Cursor, error)) (domain.Cursor, error) {
	if given != nil {
		return *given, nil
	}
	return otherwise(ctx)
}

func (a *Events) completions(ctx context.Context, actor domain.Actor, after domain.Cursor, limit int) ([]domain.Event, error) {
	query := ports.EventQuery{After: after, Types: []domain.EventType{domain.EventCompleted}, Limit: limit}
	if !actor.IsAdministrator() {
		query.UserID = &actor.UserID
	}
	return a.EventLog.After(ctx, query)
}

// WatchCompletions follows the completions behind a cursor, or from now on when
// after is nil: each exactly once and in order. The channel is closed when ctx
// ends, when the actor's credential does, and when the reader has fallen behind
// what the log keeps; a reader that comes back with the last cursor it saw misses
// nothing. KindCursorExpired when the log does not reach back to after.
func (a *Events) WatchCompletions(ctx context.Context, actor domain.Actor, after *domain.Cursor) (<-chan domain.Event, error) {
	hint, stop := a.Signal.Subscribe()
	cursor, err := cursorOr(ctx, after, a.EventLog.Newest)
	var first []domain.Event
	if err == nil {
		first, err = a.completions(ctx, actor, cursor, eventBatch)
	}
	if err != nil {
		stop()
		return nil, err
	}
	out := make(chan domain.Event)
	go func() {
		defer close(out)
		defer stop()
		if actor.ExpiresAt != nil {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, *actor.ExpiresAt)
			defer cancel()
		}
		a.follow(ctx, actor, cursor, first, hint, out)
	}()
	return out, nil
}

func (a *Events) follow(ctx context.Context, actor domain.Actor, cursor domain.Cursor, events []domain.Event, hint <-chan struct{}, out chan<- domain.Event) {
	poll := time.NewTicker(a.Poll)
	defer poll.Stop()
	for {
		for _, event := range events {
			select {
			case out <- event:
				cursor = event.Cursor
			case <-ctx.Done():
				return
			}
		}
		if len(events) < eventBatch {
			select {
			case <-hint:
			case <-poll.C:
			case <-ctx.Done():
				return
			}
		}
		var err error
		events, err = a.completions(ctx, actor, cursor, eventBatch)
		switch {
		case domain.KindOf(err) == domain.KindCursorExpired:
			return
		case err != nil && ctx.Err() == nil:
			// The next poll tries again; the cursor has not moved, so nothing is lost.
			a.Log.WarnContext(ctx, "reading the event log", "error", err)
			events = nil
		}
	}
}
