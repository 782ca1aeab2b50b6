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

// FindCompletions returns at most limit completions behind a cursor, in order: of
// everybody's torrents for an administrator, of a member's own for a member.
// KindCursorExpired when the log does not reach back that far.
func (a *Events) FindCompletions(ctx context.Context, actor domain.Actor, after domain.Cursor, limit int) ([]domain.Event, error) {
	return a.EventLog.After(ctx, completionsFor(actor, after, limit))
}

func completionsFor(actor domain.Actor, after domain.Cursor, limit int) ports.EventQuery {
	query := ports.EventQuery{After: after, Types: []domain.EventType{domain.EventCompleted}, Limit: limit}
	if !actor.IsAdministrator() {
		query.UserID = &actor.UserID
	}
	return query
}

// WatchCompletions follows the completions behind a cursor, or from now on when
// after is nil: each exactly once and in order. The channel is closed when ctx
// ends, when the actor's credential does, and when the reader has fallen behind
// what the log keeps; a reader that comes back with the last cursor it saw misses
// nothing. KindCursorExpired when the log does not reach back to after.
func (a *Events) WatchCompletions(ctx context.Context, actor domain.Actor, after *domain.Cursor) (<-chan domain.Event, error) {
	hint, stop := a.Signal.Subscribe()
	cursor, err := a.start(ctx, after)
	var first []domain.Event
	if err == nil {
		first, err = a.FindCompletions(ctx, actor, cursor, eventBatch)
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

func (a *Events) start(ctx context.Context, after *domain.Cursor) (domain.Cursor, error) {
	if after != nil {
		return *after, nil
	}
	return a.EventLog.Newest(ctx)
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
		events, err = a.FindCompletions(ctx, actor, cursor, eventBatch)
		switch {
		case isKind(err, domain.KindCursorExpired):
			return
		case err != nil && ctx.Err() == nil:
			// The next poll tries again; the cursor has not moved, so nothing is lost.
			a.Log.WarnContext(ctx, "reading the event log", "error", err)
			events = nil
		}
	}
}
