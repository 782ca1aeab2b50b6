package domain_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/clarion-app/download-manager/domain"
)

func TestCleanText(t *testing.T) {
	t.Parallel()
	t.Run("cleaning makes a text fit to store, and once is enough", rapid.MakeCheck(func(t *rapid.T) {
		raw := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		for _, clean := range []string{domain.CleanText(raw), domain.CleanName(strings.Repeat(raw, 9))} {
			if !utf8.ValidString(clean) || strings.ContainsAny(clean, "\x00\n\r\t\x7f") || strings.TrimSpace(clean) != clean {
				t.Fatalf("%q is not clean", clean)
			}
			if domain.CleanText(clean) != clean || utf8.RuneCountInString(clean) <= domain.MaxNameLength && domain.CleanName(clean) != clean {
				t.Fatalf("%q is cleaned twice", clean)
			}
		}
	}))
	t.Run("a name is cut by characters, not bytes", func(t *testing.T) {
		t.Parallel()
		if got := domain.CleanName(strings.Repeat("🎬", 300)); got != strings.Repeat("🎬", domain.MaxNameLength) {
			t.Errorf("cut to %d characters", utf8.RuneCountInString(got))
		}
	})
}

func TestInstant(t *testing.T) {
	t.Parallel()
	t.Run("an instant is in UTC and in whole microseconds", func(t *testing.T) {
		t.Parallel()
		local := time.Date(2026, 3, 4, 5, 6, 7, 123456789, time.FixedZone("far", 7*3600))
		got := domain.Instant(local)
		if want := time.Date(2026, 3, 3, 22, 6, 7, 123456000, time.UTC); got != want {
			t.Errorf("got %v", got)
		}
		if domain.Instant(got) != got {
			t.Error("it is another the second time")
		}
	})
}
