package database

import "time"

// In rows, an absent time is the zero time and is stored as NULL.

// orZero is what t points to.
func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// orNil is the reverse of orZero. Drivers give times in zones of their own; the
// product speaks UTC.
func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
