//go:build linux

package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
)

// whatever stands, in a document's answers, for what is different each time: alone
// for any value, within a text for any part of it, and last in a list for more.
const whatever = "…"

// fits compares what was printed with the answers of a document. They show JSON values
// or, in a block of the language text, lines. If the block goes on, more may follow, and
// lie between lines.
func fits(answers block, printed string, goesOn bool) error {
	if answers.language == "text" {
		return linesFit(answers.text, printed, goesOn)
	}
	want, err := values(answers.text)
	if err != nil {
		return fmt.Errorf("the answers at line %d: %w", answers.line, err)
	}
	got, err := values(printed)
	switch {
	case err != nil && !goesOn:
		return err
	case len(got) < len(want) || (len(got) > len(want) && !goesOn):
		return fmt.Errorf("%d values; want %d", len(got), len(want))
	}
	for n := range want {
		if err := valueFits("", want[n], got[n]); err != nil {
			return err
		}
	}
	return nil
}

// values reads JSON values that follow one another, as far as they go.
func values(text string) (all []any, err error) {
	for decoder := json.NewDecoder(strings.NewReader(text)); ; {
		var value any
		switch err := decoder.Decode(&value); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return all, err
		}
		all = append(all, value)
	}
}

// valueFits takes any number for any other: they are rates and counts.
func valueFits(at string, want, got any) error {
	if want == whatever {
		return nil
	}
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if names := slices.Sorted(maps.Keys(want)); !ok || !slices.Equal(names, slices.Sorted(maps.Keys(got))) {
			return fmt.Errorf("%s is %v; want an object with %v", at, got, names)
		}
		for name := range want {
			if err := valueFits(at+"."+name, want[name], got[name]); err != nil {
				return err
			}
		}
		return nil
	case []any:
		return listFits(at, want, got)
	case string:
		got, ok := got.(string)
		if !ok || !textFits(want, got) {
			return fmt.Errorf("%s is %q; want %q", at, got, want)
		}
		return nil
	case float64:
		if _, ok := got.(float64); !ok {
			return fmt.Errorf("%s is %v; want a number", at, got)
		}
		return nil
	}
	if got != want { // true, false and null
		return fmt.Errorf("%s is %v; want %v", at, got, want)
	}
	return nil
}

func listFits(at string, want []any, got any) error {
	list, ok := got.([]any)
	more := len(want) > 0 && want[len(want)-1] == whatever
	if more {
		want = want[:len(want)-1]
	}
	if !ok || len(list) < len(want) || (len(list) > len(want) && !more) {
		return fmt.Errorf("%s is %v; want a list of %d", at, got, len(want))
	}
	for n := range want {
		if err := valueFits(fmt.Sprintf("%s[%d]", at, n), want[n], list[n]); err != nil {
			return err
		}
	}
	return nil
}

func textFits(want, got string) bool {
	parts := strings.Split(want, whatever)
	if len(parts) == 1 {
		return got == want
	}
	rest, ok := strings.CutPrefix(got, parts[0])
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, part)
		ok = ok && at >= 0
		rest = rest[max(0, at):]
	}
	return ok && strings.HasSuffix(rest, parts[len(parts)-1])
}

// linesFit looks for each line that is wanted, in order. What follows "data: " is JSON.
func linesFit(want, printed string, othersToo bool) error {
	lines := strings.Split(strings.TrimSuffix(printed, "\n"), "\n")
	if n := 1 + strings.Count(want, "\n"); len(lines) != n && !othersToo {
		return fmt.Errorf("%d lines; want %d", len(lines), n)
	}
	for line := range strings.SplitSeq(want, "\n") {
		at := slices.IndexFunc(lines, func(got string) bool { return lineFits(line, strings.TrimSuffix(got, "\r")) })
		if at < 0 {
			return fmt.Errorf("no line %q where it should be", line)
		}
		lines = lines[at+1:]
	}
	return nil
}

func lineFits(want, got string) bool {
	wantData, isData := strings.CutPrefix(want, "data: ")
	gotData, gotIsData := strings.CutPrefix(got, "data: ")
	if !isData || !gotIsData {
		return textFits(want, got)
	}
	var wanted, value any
	if json.Unmarshal([]byte(wantData), &wanted) != nil || json.Unmarshal([]byte(gotData), &value) != nil {
		return textFits(want, got)
	}
	return valueFits("", wanted, value) == nil
}

func TestAnswersOfADocument(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		language, want, got string
		goesOn, fits        bool
	}{
		{"json", `{"a": 1, "b": ["x", "…"]}`, `{"b":["x","y","z"],"a":2}`, false, true},
		{"json", `{"a": 1}`, `{"a":1,"b":2}`, false, false},
		{"json", `{"a": 1, "b": 2}`, `{"a":1}`, false, false},
		{"json", `{"a": 1}`, `{"a":"1"}`, false, false},
		{"json", `{"a": null}`, `{"a":0}`, false, false},
		{"json", `{"a": "…"}`, `{"a":null}`, false, true},
		{"json", `{"data": "…"}`, `{"errors":[{}],"data":null}`, false, false},
		{"json", `["x"]`, `["x","y"]`, false, false},
		{"json", `["x", "y"]`, `["x"]`, false, false},
		{"json", `"a…c…e"`, `"abcde"`, false, true},
		{"json", `"a…c…e"`, `"abde"`, false, false},
		{"json", `"a…"`, `"b"`, false, false},
		{"json", `true`, `false`, false, false},
		{"json", `1`, `1 2`, false, false},
		{"json", `1`, `1 2 {"half`, true, true},
		{"json", `1 2`, `1`, true, false},
		{"json", `1`, `1 curl: (7)`, false, false},
		{"text", "event: next\ndata: {\"a\": \"…\"}", "event: next\ndata: {\"a\":\"b\"}\n\n: ping", true, true},
		{"text", "one\ntwo", "two\none", true, false},
		{"text", "one", "one\ntwo", false, false},
		{"text", "one\nt…", "one\ntwo\n", false, true},
		{"text", "data: {\"a\": 1}", "data: {\"b\": 1}", true, false},
	} {
		err := fits(block{language: test.language, text: test.want}, test.got, test.goesOn)
		if (err == nil) != test.fits {
			t.Errorf("%s for %s: %v", test.got, test.want, err)
		}
	}
}
