package app

import "github.com/clarion-app/download-manager/domain"

// Optional is a value of a change that may have been left out: without it, what
// is there stays.
type Optional[T any] = domain.Optional[T]

// Some is a value that was given.
func Some[T any](value T) Optional[T] { return domain.Some(value) }
