package rest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clarion-app/download-manager/domain"
)

// statuses is the error table of this door, the gravest kind first: where several
// went wrong at once, the gravest is the answer.
var statuses = []struct {
	kind   domain.Kind
	status int
}{
	{domain.KindInternal, http.StatusInternalServerError},
	{domain.KindUnauthenticated, http.StatusUnauthorized},
	{domain.KindForbidden, http.StatusForbidden},
	{domain.KindUnavailable, http.StatusServiceUnavailable},
	{domain.KindNotFound, http.StatusNotFound},
	{domain.KindConflict, http.StatusConflict},
	{domain.KindCursorExpired, http.StatusGone},
	{domain.KindInvalid, http.StatusUnprocessableEntity},
}

// tooLarge is the one trouble that only a door can have: a body of more bytes.
type tooLarge struct{ limit int64 }

func (tooLarge) Error() string { return "the request body is too large" }

// failure is the answer to a request that went wrong.
func (d *door) failure(r *http.Request, err error) reply {
	if body, ok := errors.AsType[tooLarge](err); ok {
		return message(http.StatusRequestEntityTooLarge,
			fmt.Sprintf("The request body must not be larger than %d bytes.", body.limit))
	}
	all := leaves(err)
	gravity := len(statuses)
	for _, e := range all {
		gravity = min(gravity, gravityOf(e.Kind))
	}
	gravest := statuses[gravity]
	switch gravest.kind {
	case domain.KindInternal:
		if r.Context().Err() != nil { // nobody waits for the answer
			return message(http.StatusServiceUnavailable, "The request was given up.")
		}
		d.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		return internalError()
	case domain.KindUnauthenticated:
		answer := message(gravest.status, "Unauthenticated.")
		answer.header = map[string]string{"WWW-Authenticate": "Bearer"}
		return answer
	case domain.KindInvalid:
		return invalid(all)
	}
	first := slices.IndexFunc(all, func(e *domain.Error) bool { return gravityOf(e.Kind) == gravity })
	answer := message(gravest.status, sentence("", all[first].Message))
	if gravest.kind == domain.KindCursorExpired {
		oldest := appendText([]byte(`,"oldest_cursor":`), all[first].Oldest.String())
		answer.body = append(append(answer.body[:len(answer.body)-1], oldest...), '}')
	}
	return answer
}

func gravityOf(kind domain.Kind) int {
	for i, s := range statuses {
		if s.kind == kind {
			return i
		}
	}
	return 0 // a kind that is not in the table is our fault
}

// leaves returns what is joined in err; what is no *domain.Error is internal.
func leaves(err error) []*domain.Error {
	if e, ok := err.(*domain.Error); ok { //nolint:errorlint // the tree is walked here
		return []*domain.Error{e}
	}
	switch tree := err.(type) { //nolint:errorlint // the tree is walked here
	case interface{ Unwrap() []error }:
		var all []*domain.Error
		for _, e := range tree.Unwrap() {
			all = append(all, leaves(e)...)
		}
		return all
	case interface{ Unwrap() error }:
		if inner := tree.Unwrap(); inner != nil {
			return leaves(inner)
		}
	}
	return []*domain.Error{{Kind: domain.KindInternal, Err: err}}
}

func internalError() reply { return message(http.StatusInternalServerError, "Internal error.") }

// message is an answer of {"message": text}.
func message(status int, text string) reply {
	body := appendText([]byte(`{"message":`), text)
	return reply{status: status, body: append(body, '}')}
}

// invalid is the answer that Laravel gives to bad input: every text under its
// field, in order, and the first of them as the message.
func invalid(all []*domain.Error) reply {
	var fields []string
	texts := map[string][]string{}
	for _, e := range all {
		field := snakeCase(e.Field)
		if field != "" && texts[field] == nil {
			fields = append(fields, field)
		}
		texts[field] = append(texts[field], sentence(field, e.Message))
	}
	first := sentence(snakeCase(all[0].Field), all[0].Message)
	switch more := len(all) - 1; more {
	case 0:
	case 1:
		first += " (and 1 more error)"
	default:
		first += fmt.Sprintf(" (and %d more errors)", more)
	}
	body := appendText([]byte(`{"message":`), first)
	body = append(body, `,"errors":{`...)
	for i, field := range fields {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(appendText(body, field), ':')
		body = appendList(body, texts[field], appendText)
	}
	return reply{status: http.StatusUnprocessableEntity, body: append(body, "}}"...)}
}

// sentence makes a message fit to be read alone: "The name field is required."
func sentence(field, text string) string {
	verb, _, _ := strings.Cut(text, " ")
	if field != "" && slices.Contains([]string{"is", "must", "has", "names"}, verb) {
		return "The " + field + " field " + text + "."
	}
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return "The " + field + " field is invalid."
	}
	return string(unicode.ToUpper(first)) + text[size:] + "."
}

// snakeCase is the name that a field of the domain has in this door.
func snakeCase(field string) string {
	switch field {
	case "magnetURI":
		return field
	case "file":
		return "torrent"
	}
	var b strings.Builder
	for _, r := range field {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
