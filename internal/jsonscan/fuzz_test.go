package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/internal/jsonscan"
)

// FuzzScanner holds the Scanner against encoding/json: it reads what that reads, and the same out of it, unless it is
// nested too deeply or a number is too large; and nothing makes it panic, not even reading on after an error.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{
		`"text"`, `"\u00e9\n"`, `"\ud800"`, `12`, `-3`, `0`, `01`, `1.5e3`, `123456789012345678901`, `-`, `"`, `1e`, `9223372036854775807`, `-0`, `1E400`,
		`{"a":[1,2.5,{"b":null}],"a":[true,false],"":"x"}`, ` [ ] `, `[[[]],{}]`, `[1,]`, `{"a" "b"}`, `["\"]"]`, `"\`, `[}`, "{\"\xff\":1}", "\x00", `nul`,
		strings.Repeat("[", 64) + strings.Repeat("]", 64), strings.Repeat("[", 65) + strings.Repeat("]", 65),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s := jsonscan.New(text)
		got, err := read(s)
		if err == nil {
			err = s.End()
		}
		want, ok := decode(text)
		switch {
		case err == nil && !ok:
			t.Fatalf("%q read as %v", text, got)
		case err == nil && !reflect.DeepEqual(got, want):
			t.Fatalf("%q read as %v; want %v", text, got, want)
		case err != nil && ok && !tooMuch(text):
			t.Fatalf("%q not read, which is %v", text, want)
		}

		s = jsonscan.New(text)
		skipped, err := s.Skip()
		if ok && (err != nil || s.End() != nil || !bytes.Equal(skipped, bytes.Trim(text, " \t\r\n"))) {
			t.Fatalf("%q skipped as %q, %v", text, skipped, err)
		}
		if err == nil && !bytes.Contains(text, skipped) {
			t.Fatalf("%q skipped as %q", text, skipped)
		}

		s = jsonscan.New(text)
		for range 4 { // whatever comes of it
			_, _ = s.Text()
			_, _, _ = s.Number()
			_, _ = s.Bool()
			_, _ = s.Skip()
			_, _ = read(s)
			_ = s.End()
			if c := s.Peek(); c != 0 && !s.Accept(c) {
				t.Fatalf("%q is there and is not in %q", c, text)
			}
		}
	})
}

type number struct {
	whole int64
	real  float64
}

// read reads any value, as who uses a Scanner does who does not know what is to come.
func read(s *jsonscan.Scanner) (value any, err error) {
	switch s.Peek() {
	case '[':
		list := []any{}
		err = s.Array(func() error {
			item, err := read(s)
			list = append(list, item)
			return err
		})
		return list, err
	case '{':
		members := map[string]any{}
		err = s.Object(func(key []byte) error {
			name := string(key)
			members[name], err = read(s)
			return err
		})
		return members, err
	case '"':
		text, err := s.Text()
		return string(text), err
	case 't', 'f':
		return s.Bool()
	case 'n':
		_, err = s.Skip()
		return nil, err
	}
	var n number
	n.whole, n.real, err = s.Number()
	return n, err
}

// decode is read by encoding/json.
func decode(text []byte) (value any, ok bool) {
	if !json.Valid(text) {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return nil, false
	}
	return numbered(value), true
}

// numbered puts our numbers in the place of json's.
func numbered(value any) any {
	switch v := value.(type) {
	case json.Number:
		n := number{}
		n.real, _ = v.Float64() // infinite where it is too large
		n.whole = int64(n.real)
		if exact, err := v.Int64(); err == nil {
			n = number{exact, float64(exact)}
		}
		return n
	case []any:
		for i := range v {
			v[i] = numbered(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = numbered(v[key])
		}
	}
	return value
}

// tooMuch reports whether a text is nested too deeply, or a number in it does not fit into 64 bits.
func tooMuch(text []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	for depth := 0; depth <= 64; {
		token, err := decoder.Token()
		if err != nil {
			return false // its end
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '[' || v == '{' {
				depth++
			} else {
				depth--
			}
		case json.Number:
			_, inexact := v.Int64()
			if real, err := v.Float64(); err != nil || inexact != nil && math.Abs(real) >= 1<<63 {
				return true
			}
		}
	}
	return true
}
