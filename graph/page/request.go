package page

import (
	"errors"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// Most is the most items of one page.
	Most = 500
	// Usual is how many a page holds when nothing is said.
	Usual = 50
)

// Request is the arguments that say which page of a list is meant.
type Request struct {
	First  *int
	After  *string
	Last   *int
	Before *string
}

// Length is how many items the page holds at most.
func (r Request) Length() int {
	switch {
	case r.First != nil:
		return *r.First
	case r.Last != nil:
		return *r.Last
	}
	return Usual
}

// FromEnd reports whether the end of the list is meant.
func (r Request) FromEnd() bool { return r.Last != nil }

// Check refuses lengths that are none.
func (r Request) Check() error {
	if r.First != nil && r.Last != nil {
		return domain.Invalid("last", "must not be given together with first")
	}
	return errors.Join(checkLength("first", r.First), checkLength("last", r.Last))
}

func checkLength(argument string, length *int) error {
	if length != nil && (*length < 1 || *length > Most) {
		return domain.Invalid(argument, "must be from 1 to %d", Most)
	}
	return nil
}

// Cut makes a page of rows, of which one more was asked for than it holds.
func Cut[T any](r Request, rows []T) Connection[T] {
	length := r.Length()
	more := len(rows) > length
	if r.FromEnd() {
		return Connection[T]{Nodes: rows[max(0, len(rows)-length):], Before: more, Behind: r.Before != nil}
	}
	return Connection[T]{Nodes: rows[:min(length, len(rows))], Before: r.After != nil, Behind: more}
}
