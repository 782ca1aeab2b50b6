package app

import (
	"context"

	"github.com/google/uuid"
)

// Nudge asks for a check of a server soon, due or not. It does not wait, and many
// nudges make one check. Run carries it out.
func (c *Checks) Nudge(serverID uuid.UUID) {
	c.init()
	c.mu.Lock()
	c.wanted[serverID] = true
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Run carries out nudges until ctx ends, and then waits for the checks that this
// process has begun.
func (c *Checks) Run(ctx context.Context) {
	c.init()
	defer c.started.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
			for _, id := range c.takeWanted() {
				_, _ = c.begin(ctx, &id, nil) // a failure was logged, and the server is due in time anyway
			}
		}
	}
}

// takeWanted returns the nudged servers that can be checked right now. One that is
// being checked stays wanted until that ends; for one that backs off, the check
// that is due after it is soon enough.
func (c *Checks) takeWanted() []uuid.UUID {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.Now()
	var ids []uuid.UUID
	for id := range c.wanted {
		if c.running[id] {
			continue
		}
		delete(c.wanted, id)
		if !now.Before(c.resting[id]) {
			ids = append(ids, id)
		}
	}
	return ids
}
