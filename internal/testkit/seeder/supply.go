package seeder

import (
	"context"
	"sync"
	"time"
)

// supply decides when piece data may flow, for all connections together: not at all while held, and no faster than the
// rate.
type supply struct {
	mu       sync.Mutex
	released chan struct{} // closed while data may flow
	rate     int           // bytes per second; 0 is unlimited
	free     time.Time     // when the bytes already granted will have been sent at that rate
}

func newSupply() *supply {
	released := make(chan struct{})
	close(released)
	return &supply{released: released}
}

func (s *supply) hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.released:
		s.released = make(chan struct{})
	default:
	}
}

func (s *supply) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.released:
	default:
		close(s.released)
	}
}

func (s *supply) setRate(bytesPerSecond int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rate, s.free = bytesPerSecond, time.Time{}
}

// await blocks until n bytes may flow, or the context ends.
func (s *supply) await(ctx context.Context, n int) error {
	s.mu.Lock()
	released := s.released
	s.mu.Unlock()
	select {
	case <-released:
	case <-ctx.Done():
		return ctx.Err()
	}
	pause := time.NewTimer(time.Until(s.grant(n)))
	defer pause.Stop()
	select {
	case <-pause.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// grant books n bytes and returns the moment at which they may be sent.
func (s *supply) grant(n int) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.rate <= 0 {
		return now
	}
	if s.free.Before(now) {
		s.free = now
	}
	s.free = s.free.Add(time.Duration(n) * time.Second / time.Duration(s.rate))
	return s.free
}
