package graph

import (
	"context"
	"sync"
	"time"

	"github.com/vikstrous/dataloadgen"
)

// loader makes one question of many: of a whole list at once, and of single
// objects that are asked for at about the same time.
type loader[K comparable, V any] struct {
	fetch   fetchFunc[K, V]
	once    sync.Once // what waits for an event has not loaded anything yet
	singles *dataloadgen.Loader[K, V]

	mu       sync.Mutex
	expected map[K]*batch[K, V]
}

// fetchFunc answers for distinct keys; what it has nothing for is absent.
type fetchFunc[K comparable, V any] func(ctx context.Context, keys []K) (map[K]V, error)

// loaderWait is how long a single object waits for others to be asked with.
const loaderWait = time.Millisecond

func newLoader[K comparable, V any](fetch fetchFunc[K, V]) *loader[K, V] {
	return &loader[K, V]{fetch: fetch}
}

func (l *loader[K, V]) prepare() {
	inOrder := func(ctx context.Context, keys []K) ([]V, []error) {
		found, err := l.fetch(ctx, keys)
		if err != nil {
			return nil, []error{err}
		}
		return pick(found, keys), nil
	}
	l.singles = dataloadgen.NewLoader(inOrder, dataloadgen.WithWait(loaderWait))
}

// batch is keys that are asked for together, when the first of them is.
type batch[K comparable, V any] struct {
	keys  []K
	once  sync.Once
	found map[K]V
	err   error
}

// expect has keys, which several lists will ask for one by one, asked for together:
// as soon as one is, and not at all if none is.
func (l *loader[K, V]) expect(keys []K) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := &batch[K, V]{keys: distinct(keys)}
	if l.expected == nil {
		l.expected = make(map[K]*batch[K, V], len(b.keys))
	}
	for _, key := range b.keys {
		l.expected[key] = b
	}
}

// expectedFor returns the batch that all keys are in; nil if there is none.
func (l *loader[K, V]) expectedFor(keys []K) *batch[K, V] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(keys) == 0 {
		return nil
	}
	first := l.expected[keys[0]]
	for _, key := range keys {
		if l.expected[key] != first {
			return nil
		}
	}
	return first
}

// load returns a value for each key, the zero one where there is none. A list is
// asked for at once, without waiting for others.
func (l *loader[K, V]) load(ctx context.Context, keys []K) ([]V, error) {
	if b := l.expectedFor(keys); b != nil {
		b.once.Do(func() { b.found, b.err = l.fetch(ctx, b.keys) })
		return pick(b.found, keys), b.err
	}
	if len(keys) == 1 {
		l.once.Do(l.prepare)
		value, err := l.singles.Load(ctx, keys[0])
		return []V{value}, err
	}
	found, err := l.fetch(ctx, distinct(keys))
	if err != nil {
		return nil, err
	}
	return pick(found, keys), nil
}

func pick[K comparable, V any](found map[K]V, keys []K) []V {
	values := make([]V, len(keys))
	for i, key := range keys {
		values[i] = found[key]
	}
	return values
}

func distinct[K comparable](keys []K) []K {
	seen := make(map[K]bool, len(keys))
	var once []K
	for _, key := range keys {
		if !seen[key] {
			seen[key] = true
			once = append(once, key)
		}
	}
	return once
}
