package app

import "github.com/clarion-app/download-manager/domain"

// Optional is a value of a change that may have been left out: without it, what
// is there stays.
type Optional[T any] = domain.Optional[T]

// Some is a value that was given.
func Some[T any](value T) Optional[T] { return domain.Some(value) }

// wanted is value unless it is the zero value.
func wanted[T comparable](value T) Optional[T] {
	var none T
	return Optional[T]{Set: value != none, Value: value}
}

// given is what value points to, if it does.
func given[T any](value *T) Optional[T] {
	if value == nil {
		return Optional[T]{}
	}
	return Some(*value)
}
