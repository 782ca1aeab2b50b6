package rest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

// input is what a caller sent, and what is wrong with it. Each method reads one
// field; err tells of all of them at once. Texts are trimmed, and an empty one is
// null.
type input struct {
	fields
	// trouble says why the body could not be read, "" if it could.
	trouble string
	errs    []error
}

// err joins what was found wrong so far.
func (in *input) err() error { return errors.Join(in.errs...) }

func (in *input) refuse(name, format string, args ...any) {
	in.errs = append(in.errs, domain.Invalid(name, format, args...))
}

func (in *input) require(name string) {
	if in.trouble != "" {
		in.refuse(name, "is required (%s)", in.trouble)
		return
	}
	in.refuse(name, "is required")
}

// given is the value of a field that keeps what it was when it is not sent.
func given[T any](in *input, name string, value T) app.Optional[T] {
	_, sent := in.fields[name]
	return app.Optional[T]{Set: sent, Value: value}
}

// value is a field as it counts: trimmed, and nil where there is nothing.
func (in *input) value(name string) any {
	value := in.fields[name]
	if text, isText := value.(string); isText {
		if text = strings.TrimFunc(text, isBlank); text == "" {
			return nil
		}
		return text
	}
	return value
}

// isBlank reports what is trimmed: white space, and what cannot be seen.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || r == 0 || r == '\uFEFF' || r == '\u200B' || r == '\u200E'
}

// text reads null, which is "", or a text.
func (in *input) text(name string) string {
	value := in.value(name)
	text, isText := value.(string)
	if !isText && value != nil {
		in.refuse(name, "must be a string")
	}
	return text
}

// requiredText reads a text that must be there.
func (in *input) requiredText(name string) string {
	if in.isEmpty(name) {
		in.require(name)
		return ""
	}
	return in.text(name)
}

// isEmpty reports what counts as not given; an empty list and object do.
func (in *input) isEmpty(name string) bool {
	switch value := in.value(name).(type) {
	case nil:
		return true
	case []any:
		return len(value) == 0
	case map[string]any:
		return len(value) == 0
	}
	return false
}

// file reads a file of a form; nil when there is none. What is no file is not looked
// at, like any other unknown field.
func (in *input) file(name string) []byte {
	switch value := in.fields[name].(type) {
	case upload:
		return value
	case []upload:
		in.refuse(name, "must be one file")
		return value[0]
	}
	return nil
}

// secret is text untouched: blanks may belong to it.
func (in *input) secret(name string) string {
	if text, isText := in.fields[name].(string); isText {
		return text
	}
	return in.text(name)
}

// requiredSecret reads a secret that must be there, if only as blanks.
func (in *input) requiredSecret(name string) string {
	if text, isText := in.fields[name].(string); isText && text != "" {
		return text
	}
	return in.requiredText(name)
}

// uuid reads null or an id of 8-4-4-4-12 hexadecimal digits.
func (in *input) uuid(name string) *uuid.UUID {
	value := in.value(name)
	if value == nil {
		return nil
	}
	text, _ := value.(string)
	id, err := parseUUID(text)
	if err != nil {
		in.refuse(name, "must be a valid UUID")
		return nil
	}
	return &id
}

// requiredUUID reads an id that must be there.
func (in *input) requiredUUID(name string) uuid.UUID {
	if in.isEmpty(name) {
		in.require(name)
		return uuid.Nil
	}
	if id := in.uuid(name); id != nil {
		return *id
	}
	return uuid.Nil
}

var errNoUUID = errors.New("not a UUID")

// parseUUID takes the one usual form, of the several that uuid.Parse does.
func parseUUID(text string) (uuid.UUID, error) {
	if len(text) != len("8d9f9a3e-7a0f-4c3b-9b67-0a2a9f6c2f11") {
		return uuid.Nil, errNoUUID
	}
	return uuid.Parse(text)
}

// date reads null or an absolute date.
func (in *input) date(name string) *time.Time {
	value := in.value(name)
	if value == nil {
		return nil
	}
	text, _ := value.(string)
	at, valid := parseDate(text)
	if !valid {
		in.refuse(name, "must be a valid date")
		return nil
	}
	return &at
}

// boolean reads null, which is false, or what Laravel takes for yes and no.
func (in *input) boolean(name string) bool {
	switch value := in.value(name).(type) {
	case nil:
		return false
	case bool:
		return value
	case json.Number:
		if value == "0" || value == "1" {
			return value == "1"
		}
	case string:
		switch strings.ToLower(value) {
		case "1", "true", "yes", "on":
			return true
		case "0", "false", "no", "off":
			return false
		}
	}
	in.refuse(name, "must be true or false")
	return false
}

// pathID returns the id in the path. A malformed one is simply unknown.
func pathID(r *http.Request) (uuid.UUID, error) {
	id, err := parseUUID(r.PathValue("id"))
	if err != nil {
		return uuid.Nil, domain.NotFound("there is nothing with this id")
	}
	return id, nil
}
