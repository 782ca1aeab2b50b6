package domain

// Optional is a value of a change that may have been left out: without it, what
// is there stays.
type Optional[T any] struct {
	Set   bool
	Value T
}

// Some is a value that was given.
func Some[T any](value T) Optional[T] { return Optional[T]{Set: true, Value: value} }
