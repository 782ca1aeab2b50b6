package app

import (
	"context"
	"maps"
	"sync"
	"time"
)

// sharedAnswers makes one question of many: all who ask the same while it is asked,
// or within a window after, get one answer.
type sharedAnswers[K comparable, V any] struct {
	// patience bounds a question, and window is how long its answer is good.
	patience, window time.Duration

	mu      sync.Mutex
	answers map[K]*sharedAnswer[V]
}

type sharedAnswer[V any] struct {
	// there is closed when value and at are set, which nobody changes then.
	there chan struct{}
	value V
	at    time.Time
	// askers is how many wait; when all have left, it is not asked any further.
	askers int
	giveUp context.CancelFunc
}

// get returns the answer to key, asking for it when it is not known. The zero value
// is what a ctx that ends leaves unanswered.
func (s *sharedAnswers[K, V]) get(ctx context.Context, key K, ask func(context.Context) V) (value V) {
	a := s.join(ctx, key, ask)
	select {
	case <-a.there:
		return a.value
	case <-ctx.Done():
		s.leave(key, a)
		return value
	}
}

func (s *sharedAnswers[K, V]) join(ctx context.Context, key K, ask func(context.Context) V) *sharedAnswer[V] {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.answers, func(_ K, a *sharedAnswer[V]) bool { return !a.at.IsZero() && time.Since(a.at) >= s.window })
	if a := s.answers[key]; a != nil {
		a.askers++
		return a
	}
	a := &sharedAnswer[V]{there: make(chan struct{}), askers: 1}
	if s.answers == nil {
		s.answers = map[K]*sharedAnswer[V]{}
	}
	s.answers[key] = a
	// It is everybody's, so it does not end with the ctx of the one who happens to
	// be the first.
	ctx, a.giveUp = context.WithTimeout(context.WithoutCancel(ctx), s.patience)
	go func() {
		defer a.giveUp()
		value := ask(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		a.value, a.at = value, time.Now()
		close(a.there)
	}()
	return a
}

// leave is for an asker who waits no longer. The last one gives the question up, and
// waits for its end, so that nothing is under way behind those who have asked.
func (s *sharedAnswers[K, V]) leave(key K, a *sharedAnswer[V]) {
	s.mu.Lock()
	a.askers--
	last := a.askers == 0 && a.at.IsZero()
	if last {
		a.giveUp()
		if s.answers[key] == a {
			delete(s.answers, key)
		}
	}
	s.mu.Unlock()
	if last {
		<-a.there
	}
}
