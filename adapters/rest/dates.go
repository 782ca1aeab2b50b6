package rest

import (
	"strconv"
	"strings"
	"time"
)

// The absolute dates that PHP reads, and that are read here: any day, followed by
// any clock or none, followed by any offset or none (UTC). Fractions of seconds
// need no layout of their own.
var (
	dayLayouts = []string{
		"2006-1-2", "2006/1/2", "20060102", "2.1.2006", "2-1-2006", "1/2/2006",
		"2 January 2006", "2 Jan 2006", "January 2, 2006", "Jan 2, 2006", "January 2 2006", "Jan 2 2006",
		"2-Jan-2006", "Mon, 2 Jan 2006", "Monday, 2 January 2006", "Mon, 02-Jan-2006",
	}
	clockLayouts = []string{
		"T15:04", " 15:04:05", "T15:04:05", " 15:04", "T150405", "T1504",
		" 3:04 PM", " 3:04PM", " 3:04:05 PM", " 3:04:05PM",
	}
	offsetLayouts = []string{"", "Z07:00", "Z0700", "Z07", " Z07:00", " Z0700", " Z07"}
	// Layouts with the year behind the clock.
	wholeLayouts = []string{"Mon Jan _2 15:04:05 2006", "Mon Jan _2 15:04:05 -0700 2006"}
)

// longestDate bounds what is tried against every layout.
const longestDate = 64

// parseDate reads an absolute date. Words like "tomorrow", impossible days and mere
// numbers are none. What has no offset is UTC.
func parseDate(text string) (time.Time, bool) {
	if len(text) > longestDate {
		return time.Time{}, false
	}
	if seconds, isStamp := strings.CutPrefix(text, "@"); isStamp {
		n, err := strconv.ParseInt(seconds, 10, 64)
		return inRange(time.Unix(n, 0), err == nil)
	}
	for _, name := range []string{"UTC", "GMT"} {
		if without, found := strings.CutSuffix(text, name); found {
			text = strings.TrimRight(without, " ")
			break
		}
	}
	for _, layout := range wholeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return inRange(t, true)
		}
	}
	for _, day := range dayLayouts {
		if t, err := time.Parse(day, text); err == nil {
			return inRange(t, true)
		}
		for _, clock := range clockLayouts {
			for _, offset := range offsetLayouts {
				if t, err := time.Parse(day+clock+offset, text); err == nil {
					return inRange(t, true)
				}
			}
		}
	}
	return time.Time{}, false
}

// inRange refuses years that no answer could show.
func inRange(t time.Time, valid bool) (time.Time, bool) {
	t = t.UTC()
	return t, valid && t.Year() >= 1 && t.Year() <= 9999
}
