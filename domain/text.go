package domain

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxNameLength bounds names and addresses, in characters: the length of the
// documented string columns.
const MaxNameLength = 255

// CleanText makes a text from elsewhere fit to store and to show: valid UTF-8,
// no control characters, no surrounding blanks.
func CleanText(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}

// CleanName is CleanText cut to MaxNameLength characters, for names that
// nobody typed (a magnet's, a daemon's).
func CleanName(name string) string {
	name = CleanText(name)
	if utf8.RuneCountInString(name) > MaxNameLength {
		name = strings.TrimSpace(string([]rune(name)[:MaxNameLength]))
	}
	return name
}

// Fold makes equal what strings.EqualFold calls equal: of all the forms that a
// letter has, it takes the first. Texts are searched, sorted and told apart by it
// where case must not count, since no two databases fold all of Unicode alike.
func Fold(text string) string {
	return strings.Map(func(letter rune) rune {
		first := letter
		for form := unicode.SimpleFold(letter); form != letter; form = unicode.SimpleFold(form) {
			first = min(first, form)
		}
		return first
	}, text)
}

// checkLength refuses a text that somebody typed and that no column holds.
func checkLength(field, text string) error {
	if utf8.RuneCountInString(text) > MaxNameLength {
		return Invalid(field, "must not be longer than %d characters", MaxNameLength)
	}
	return nil
}

// Instant is t as the product keeps times: UTC, whole microseconds. A time is
// made an Instant at birth, so that it survives any database unchanged.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
