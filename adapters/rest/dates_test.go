package rest_test

import (
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/rest"
)

func TestParseDate(t *testing.T) {
	t.Parallel()

	t.Run("what must work, works", func(t *testing.T) {
		t.Parallel()
		for text, want := range map[string]string{
			"2025-06-20T10:30":                    "2025-06-20T10:30:00Z",
			"2025-06-20 10:30:00":                 "2025-06-20T10:30:00Z",
			"2025-06-20":                          "2025-06-20T00:00:00Z",
			"2025-6-2":                            "2025-06-02T00:00:00Z",
			"2025-06-20T10:30:00Z":                "2025-06-20T10:30:00Z",
			"2025-06-20T10:30:00.5Z":              "2025-06-20T10:30:00.5Z",
			"2025-06-20T10:30:00.123456789+02:00": "2025-06-20T08:30:00.123456789Z",
			"2025-06-20T10:30:00-0730":            "2025-06-20T18:00:00Z",
			"2025-06-20T10:30:00+02":              "2025-06-20T08:30:00Z",
			"2025-06-20T10:30Z":                   "2025-06-20T10:30:00Z",
			"2025-06-20 10:30:00 +0200":           "2025-06-20T08:30:00Z",
			"2025-06-20 10:30:00 UTC":             "2025-06-20T10:30:00Z",
			"2025-06-20 1:30 PM":                  "2025-06-20T13:30:00Z",
			"2025/06/20 10:30":                    "2025-06-20T10:30:00Z",
			"20250620":                            "2025-06-20T00:00:00Z",
			"20250620T103000Z":                    "2025-06-20T10:30:00Z",
			"20.06.2025":                          "2025-06-20T00:00:00Z",
			"20-06-2025":                          "2025-06-20T00:00:00Z",
			"06/20/2025":                          "2025-06-20T00:00:00Z",
			"20 June 2025":                        "2025-06-20T00:00:00Z",
			"June 20, 2025 10:30":                 "2025-06-20T10:30:00Z",
			"jun 20 2025":                         "2025-06-20T00:00:00Z",
			"Fri, 20 Jun 2025 10:30:00 GMT":       "2025-06-20T10:30:00Z",
			"Fri, 20 Jun 2025 10:30:00 +0200":     "2025-06-20T08:30:00Z",
			"Fri Jun 20 10:30:00 2025":            "2025-06-20T10:30:00Z",
			"@1750415400":                         "2025-06-20T10:30:00Z",
			"2024-02-29":                          "2024-02-29T00:00:00Z",
			"1969-12-31 23:59:59":                 "1969-12-31T23:59:59Z",
		} {
			got, valid := rest.ParseDate(text)
			if !valid || got.Format(time.RFC3339Nano) != want {
				t.Errorf("%q: %v %v, want %s", text, got.Format(time.RFC3339Nano), valid, want)
			}
		}
	})

	t.Run("every layout is read", func(t *testing.T) {
		t.Parallel()
		for _, layout := range rest.DateLayouts() {
			text := rest.Whole.Format(layout)
			if got, valid := rest.ParseDate(text); !valid || got.Format(time.DateOnly) != "2025-06-20" {
				t.Errorf("%q: %v %v", text, got, valid)
			}
		}
	})

	t.Run("what is no absolute date is none", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{
			"", "now", "today", "tomorrow", "yesterday noon", "+1 day", "last monday", "first day of next month", "Friday",
			"2025-02-29", "2025-02-30", "2025-04-31", "2025-13-01", "2025-00-10", "2025-06-00", "2025-06-20 25:00", "2025-06-20T10:61",
			"5", "2025", "1750415400", "-1", "1e9", "10:30", "2025-06", "0000-00-00", "0000-00-00 00:00:00", "0000-01-01",
			"9999-12-31T23:59:59-12:00", "@", "@x", "@99999999999999", "12345-01-01", "2025-06-20T10:30:00EST", "2025-06-20T10:30:00Zjunk",
			"2025-06-20 10:30:00; DROP TABLE torrents", "2025-06-20T10:30:00.0000000000000000000000000000000000000000000000000000000Z",
		} {
			if got, valid := rest.ParseDate(text); valid {
				t.Errorf("%q: %v", text, got)
			}
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, text := range []string{"2025-06-20T10:30", "Fri, 20 Jun 2025 10:30:00 GMT", "@1", "tomorrow", "2025-06-20T10:30:00.5+02:00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, valid := rest.ParseDate(text)
		if !valid {
			return
		}
		if first.Location() != time.UTC {
			t.Errorf("%q: not in UTC", text)
		}
		// What is shown of it is a date, and the same one.
		again, valid := rest.ParseDate(first.Format(rest.TimeLayout))
		if !valid || !again.Equal(first.Truncate(time.Second)) {
			t.Errorf("%q: %v, then %v %v", text, first, again, valid)
		}
	})
}
