// Package wait waits on conditions: what tests do instead of sleeping.
package wait

import (
	"context"
	"testing"
	"time"
)

const interval = 10 * time.Millisecond

// Until looks at condition until it holds, and fails the test when it does not within the limit. The sentence what says
// what was waited for.
func Until(t testing.TB, limit time.Duration, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if !Poll(ctx, condition) {
		t.Fatalf("waited %v in vain: %s", limit, what)
	}
}

// Poll looks at condition until it holds (true) or the context ends (false).
func Poll(ctx context.Context, condition func() bool) bool {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		if condition() {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-ticks.C:
		}
	}
}
