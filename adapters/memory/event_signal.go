package memory

import (
	"sync"

	"github.com/clarion-app/download-manager/ports"
)

// signals hints to subscribers; the zero value has none.
type signals struct {
	mu   sync.Mutex
	subs map[chan struct{}]struct{}
}

// Signal is the Store as a ports.EventSignal of its own log.
func (s *Store) Signal() ports.EventSignal { return &s.signals }

// Subscribe implements ports.EventSignal.
func (s *signals) Subscribe() (hint <-chan struct{}, stop func()) {
	sub := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subs == nil {
		s.subs = map[chan struct{}]struct{}{}
	}
	s.subs[sub] = struct{}{}
	return sub, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.subs, sub)
	}
}

// ring hints to all, without waiting for any: a hint that is still unread says
// as much as two.
func (s *signals) ring() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sub := range s.subs {
		select {
		case sub <- struct{}{}:
		default:
		}
	}
}
