package app

import (
	"context"
	"time"
)

// Prune forgets events older than before and returns how many.
func (a *Events) Prune(ctx context.Context, before time.Time) (int, error) {
	return a.EventLog.Prune(ctx, before)
}
