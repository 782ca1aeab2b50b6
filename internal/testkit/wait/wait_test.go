package wait_test

import (
	"context"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

func TestPoll(t *testing.T) {
	t.Parallel()

	t.Run("a condition is looked at until it holds", func(t *testing.T) {
		t.Parallel()
		looks := 0
		wait.Until(t, time.Minute, "a third look", func() bool { looks++; return looks == 3 })
		if looks != 3 {
			t.Fatalf("looked %d times", looks)
		}
	})

	t.Run("a condition that never holds ends with the context", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		defer cancel()
		if wait.Poll(ctx, func() bool { return false }) {
			t.Fatal("held")
		}
	})
}
