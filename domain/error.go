package domain

import (
	"errors"
	"fmt"
)

// Kind says what sort of thing went wrong. The set is closed: every door
// (REST, GraphQL, CLI) translates exactly these.
type Kind string

// The kinds of error.
const (
	// KindInvalid: the input is at fault; Field names where.
	KindInvalid Kind = "INVALID"
	// KindNotFound: there is no such thing, or the viewer may not know of it.
	KindNotFound Kind = "NOT_FOUND"
	// KindConflict: the request is fine but clashes with the present state.
	KindConflict Kind = "CONFLICT"
	// KindForbidden: the acting user may not do this.
	KindForbidden Kind = "FORBIDDEN"
	// KindUnauthenticated: nobody, or nobody known, is asking.
	KindUnauthenticated Kind = "UNAUTHENTICATED"
	// KindUnavailable: something we depend on does not answer well; try later.
	KindUnavailable Kind = "UNAVAILABLE"
	// KindCursorExpired: the event log no longer reaches back to the cursor.
	KindCursorExpired Kind = "CURSOR_EXPIRED"
	// KindInternal: our fault. Its text is logged and never shown.
	KindInternal Kind = "INTERNAL"
)

// Kinds lists the closed set, so that a door can be tested to translate all.
func Kinds() []Kind {
	return []Kind{
		KindInvalid, KindNotFound, KindConflict, KindForbidden,
		KindUnauthenticated, KindUnavailable, KindCursorExpired, KindInternal,
	}
}

// Error is the one error type of the product. It is born in this package or in
// a driven adapter, wrapped with %w on the way, and translated once per door.
type Error struct {
	Kind Kind
	// Field is the input at fault in camelCase ("serverId"), empty if none.
	Field string
	// Message is written for the user: lower case, no trailing dot, and safe to
	// show for every kind but KindInternal.
	Message string
	// Oldest is the oldest cursor that is still good, for KindCursorExpired.
	Oldest Cursor
	// Err is the cause, for logs; may be nil.
	Err error
}

// Error returns the message, with its field in front and its cause behind.
func (e *Error) Error() string {
	text := e.Message
	if e.Field != "" {
		text = e.Field + ": " + text
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, &Error{Kind: k}) true for every error of kind k.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Message == "" && t.Field == ""
}

// Invalid returns an error about one field of the input.
func Invalid(field, format string, args ...any) *Error {
	return &Error{Kind: KindInvalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// NotFound returns an error about something that is not there.
func NotFound(format string, args ...any) *Error {
	return &Error{Kind: KindNotFound, Message: fmt.Sprintf(format, args...)}
}

// Conflict returns an error about a clash with the present state.
func Conflict(format string, args ...any) *Error {
	return &Error{Kind: KindConflict, Message: fmt.Sprintf(format, args...)}
}

// Forbidden returns an error about a missing right.
func Forbidden(format string, args ...any) *Error {
	return &Error{Kind: KindForbidden, Message: fmt.Sprintf(format, args...)}
}

// Unauthenticated returns an error about a missing or bad credential.
func Unauthenticated(format string, args ...any) *Error {
	return &Error{Kind: KindUnauthenticated, Message: fmt.Sprintf(format, args...)}
}

// Unavailable returns an error about something we depend on; cause may be nil.
func Unavailable(cause error, format string, args ...any) *Error {
	return &Error{Kind: KindUnavailable, Message: fmt.Sprintf(format, args...), Err: cause}
}

// KindOf returns the kind of err: that of the first *Error in its tree, else
// KindInternal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return KindInternal
}

// Errors returns every *Error joined in err, in order; none when err holds no
// *Error. Doors that can show several field errors at once use it.
func Errors(err error) []*Error {
	if err == nil {
		return nil
	}
	if e, ok := err.(*Error); ok { //nolint:errorlint // the tree is walked here
		return []*Error{e}
	}
	switch u := err.(type) { //nolint:errorlint // the tree is walked here
	case interface{ Unwrap() []error }:
		var all []*Error
		for _, e := range u.Unwrap() {
			all = append(all, Errors(e)...)
		}
		return all
	case interface{ Unwrap() error }:
		return Errors(u.Unwrap())
	}
	return nil
}

// MessageOf returns what a user may read of err: the message of its first
// *Error, or "internal error".
func MessageOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Kind != KindInternal {
		return e.Message
	}
	return "internal error"
}
