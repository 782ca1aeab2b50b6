package jsonscan_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/internal/jsonscan"
)

func TestArraysAndObjects(t *testing.T) {
	t.Parallel()
	t.Run("are read value by value, in their order", func(t *testing.T) {
		t.Parallel()
		s := jsonscan.New([]byte(" {\"a\" : [1,\t2] ,\r\n\"b\":{}, \"a\":[ ]} "))
		var told []string
		numbers := 0
		err := s.Object(func(key []byte) error {
			told = append(told, string(key))
			if string(key) == "b" {
				return s.Object(func([]byte) error { return errors.New("there is nothing in it") })
			}
			return s.Array(func() error {
				numbers++
				_, _, err := s.Number()
				return err
			})
		})
		if err != nil || s.End() != nil || strings.Join(told, "") != "aba" || numbers != 2 {
			t.Fatal(err, s.End(), told, numbers)
		}
	})
	t.Run("end with the reader's own error", func(t *testing.T) {
		t.Parallel()
		enough := errors.New("enough")
		calls := 0
		s := jsonscan.New([]byte(`[{"a":1},2]`))
		err := s.Array(func() error {
			return s.Object(func([]byte) error { calls++; return enough })
		})
		if !errors.Is(err, enough) || calls != 1 {
			t.Fatal(err, calls)
		}
	})
	t.Run("are not taken for each other", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{"{}", `"[]"`, "5", "null", ""} {
			malformed(t, text, func(s *jsonscan.Scanner) error { return s.Array(func() error { return nil }) })
		}
		for _, text := range []string{"[]", `"{}"`, "5", "null", ""} {
			malformed(t, text, func(s *jsonscan.Scanner) error { return s.Object(func([]byte) error { return nil }) })
		}
	})
	t.Run("are malformed when a bracket, comma, colon or key is missing, or one too many", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{
			"[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`,
			`{"a" 1}`, `{a:1}`, `{1:1}`, `{"a":1]`, `{"a":1 "b":2}`, `{"a:1}`,
		} {
			malformed(t, text, func(s *jsonscan.Scanner) error { _, err := read(s); return err })
		}
	})
	t.Run("may be 64 deep and no deeper", func(t *testing.T) {
		t.Parallel()
		if _, err := read(jsonscan.New([]byte(strings.Repeat(`[{"a":`, 32) + "1" + strings.Repeat("}]", 32)))); err != nil {
			t.Error(err)
		}
		malformed(t, strings.Repeat("[", 65)+strings.Repeat("]", 65), func(s *jsonscan.Scanner) error { _, err := read(s); return err })
		s := jsonscan.New([]byte("[" + strings.Repeat("[[]],", 100) + "[]]"))
		if _, err := read(s); err != nil {
			t.Error("what stands beside each other is not deep:", err)
		}
	})
}

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`""`: "", ` "plain text"`: "plain text", `"a\"b\\"`: `a"b\`, `"é"`: "é", `"\u00e9\n"`: "é\n", "\"\x7f\"": "\x7f",
		`"\ud83c\udf49"`: "🍉", `"\ud800"`: "\ufffd", "\"\xff\"": "\ufffd", `"\\"`: `\`,
	} {
		s := jsonscan.New([]byte(text))
		if got, err := s.Text(); err != nil || s.End() != nil || string(got) != want {
			t.Errorf("%s read as %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{``, `"`, `"a`, `"\`, `"\"`, `"a\`, `"\x"`, `"\u12"`, "\"\n\"", `5`, `true`, `["a"]`} {
		malformed(t, text, func(s *jsonscan.Scanner) error { _, err := s.Text(); return err })
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"": true, "ab ~\"": true, `a\b`: false, "a\n": false, "é": false, "\x7f": false} {
		if jsonscan.Plain(text) != want || jsonscan.Plain([]byte(text)) != want {
			t.Errorf("%q: not %t", text, want)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]number{
		"0": {0, 0}, "-0": {0, 0}, "12": {12, 12}, "-3": {-3, -3}, "1.5e3": {1500, 1500}, "-1.9": {-1, -1.9}, "1E2": {100, 100},
		"123456789012345678":   {123456789012345678, 123456789012345678},
		"1234567890123456789":  {1234567890123456789, 1234567890123456789},
		"9223372036854775807":  {math.MaxInt64, math.MaxInt64},
		"-9223372036854775808": {math.MinInt64, math.MinInt64},
	} {
		for _, after := range []string{"", ",", "]", "}", " ", "\n"} {
			s := jsonscan.New([]byte(" " + text + after))
			whole, real, err := s.Number()
			if err != nil || (number{whole, real}) != want || s.Len() != len(after) {
				t.Errorf("%q read as %d, %g, %v with %d bytes left", text+after, whole, real, err, s.Len())
			}
		}
	}
	for _, text := range []string{
		"", "-", "01", "-01", "+1", "1.", ".5", "1e", "0x1", "1_0", "12a", "NaN", "null", "true", `"1"`, "[1]",
		"9223372036854775808", "-9223372036854775809", "123456789012345678901", "1e19", "1e400",
	} {
		malformed(t, text, func(s *jsonscan.Scanner) error { _, _, err := s.Number(); return err })
	}
}

func TestBool(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"true": true, " false": false} {
		s := jsonscan.New([]byte(text))
		if got, err := s.Bool(); err != nil || s.End() != nil || got != want {
			t.Errorf("%s read as %t, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "True", "trues", "1", "null", `"true"`, "[true]"} {
		malformed(t, text, func(s *jsonscan.Scanner) error { _, err := s.Bool(); return err })
	}
}

func TestSkip(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	for _, value := range []string{`"a\"]"`, `-1.5e3`, `true`, `null`, `[]`, `{"a":[1,"}"],"b":{}}`, `["\\"]`, deep} {
		s := jsonscan.New([]byte(" " + value + " ,5"))
		if got, err := s.Skip(); err != nil || string(got) != value || !s.Accept(',') || s.Len() != 1 {
			t.Errorf("%.20s skipped as %.20s, %v", value, got, err)
		}
	}
	for _, text := range []string{"", "]", ",", "nul", "1.", `"`, "[", `["]`, `{"a":[}`, `"\`} {
		malformed(t, text, func(s *jsonscan.Scanner) error { _, err := s.Skip(); return err })
	}
}

func TestEnd(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " \t\r\n"} {
		if err := jsonscan.New([]byte(text)).End(); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"x", " ]", "\x00", "\xa0"} {
		malformed(t, text, (*jsonscan.Scanner).End)
	}
}

func malformed(t *testing.T, text string, read func(*jsonscan.Scanner) error) {
	t.Helper()
	if err := read(jsonscan.New([]byte(text))); !errors.Is(err, jsonscan.ErrMalformed) {
		t.Errorf("%.40q: %v", text, err)
	}
}
