package domain_test

import (
	"math"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestParseCursor(t *testing.T) {
	t.Parallel()
	t.Run("what a cursor writes is read", func(t *testing.T) {
		t.Parallel()
		for _, want := range []domain.Cursor{0, 1, 42, math.MaxInt64} {
			if got, err := domain.ParseCursor(want.String()); err != nil || got != want {
				t.Errorf("%q became %d: %v", want.String(), got, err)
			}
		}
	})
	t.Run("anything else is invalid", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{"", " ", "-1", "1.0", "0x1", "1 ", "abc", "1_000", "9223372036854775808", "١"} {
			got, err := domain.ParseCursor(text)
			if all := domain.Errors(err); len(all) != 1 || all[0].Kind != domain.KindInvalid || all[0].Field != "after" || got != 0 {
				t.Errorf("%q became %d: %v", text, got, err)
			}
		}
	})
}

func FuzzParseCursor(f *testing.F) {
	for _, seed := range []string{"0", "42", "-1", "+5", "007", "9223372036854775807", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cursor, err := domain.ParseCursor(text)
		if err != nil {
			if cursor != 0 || domain.KindOf(err) != domain.KindInvalid {
				t.Fatalf("error %v beside %d", err, cursor)
			}
			return
		}
		if cursor < 0 {
			t.Fatalf("%q became %d", text, cursor)
		}
		if again, err := domain.ParseCursor(cursor.String()); err != nil || again != cursor {
			t.Fatalf("%d became %d: %v", cursor, again, err)
		}
	})
}

func TestCursorExpired(t *testing.T) {
	t.Parallel()
	t.Run("the error tells from where reading may go on", func(t *testing.T) {
		t.Parallel()
		err := domain.CursorExpired(3, 17)
		if err.Kind != domain.KindCursorExpired || err.Field != "after" || err.Oldest != 17 ||
			err.Message != "events after 3 are no longer all kept; the oldest usable cursor is 17" {
			t.Errorf("error %#v", err)
		}
	})
}
