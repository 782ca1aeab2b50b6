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

// load returns a value for each key, the zero one where there is none. A list is
// asked for at once, without waiting for others.
func (l *loader[K, V]) load(ctx context.Context, keys []K) ([]V, error) {
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
