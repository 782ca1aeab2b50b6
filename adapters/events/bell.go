// Package events wakes those who follow the event log: in this process, and
// across processes that share a PostgreSQL database.
package events

import (
	"sync"

	"github.com/clarion-app/download-manager/ports"
)

// Bell wakes every subscriber in this process. It carries no news: whoever is
// woken reads the log.
type Bell struct {
	mu          sync.Mutex
	subscribers map[chan struct{}]struct{}
}

var _ ports.EventSignal = (*Bell)(nil)

// NewBell makes a bell that nobody listens to yet.
func NewBell() *Bell { return &Bell{subscribers: map[chan struct{}]struct{}{}} }

// Ring wakes every subscriber. It never blocks: one that has not yet taken its
// last hint needs no further one.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for hint := range b.subscribers {
		nudge(hint)
	}
}

// Subscribe returns a channel that gets a value after each Ring, several rings
// merged. stop must be called and may be called twice; the channel is never
// closed.
func (b *Bell) Subscribe() (<-chan struct{}, func()) {
	hint := make(chan struct{}, 1)
	b.mu.Lock()
	b.subscribers[hint] = struct{}{}
	b.mu.Unlock()
	return hint, func() {
		b.mu.Lock()
		delete(b.subscribers, hint)
		b.mu.Unlock()
	}
}

// nudge fills a channel of one place, unless it is full.
func nudge(hint chan struct{}) {
	select {
	case hint <- struct{}{}:
	default:
	}
}
