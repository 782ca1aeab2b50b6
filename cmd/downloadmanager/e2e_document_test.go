//go:build linux

package main_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// block is a fenced block of a document, and how the comment above it marks it:
//
//	<!-- e2e: run -->      it is run to its end
//	<!-- e2e: follow -->   it is run, and left running
//	<!-- e2e: answers -->  it is what the block before prints
//	<!-- e2e: shown -->    it is not run
type block struct {
	line     int
	mark     string // "" when there is none
	language string
	text     string
}

var fence = regexp.MustCompile("(?ms)^(?:<!-- e2e: (run|follow|answers|shown) -->\n)?```(\\w*)\n(.*?)\n```$")

// blocksOf returns the blocks of a document, in order.
func blocksOf(t *testing.T, path string) []block {
	t.Helper()
	document := read(t, path)
	var blocks []block
	for _, at := range fence.FindAllStringSubmatchIndex(document, -1) {
		b := block{
			line:     1 + strings.Count(document[:at[6]], "\n"),
			language: document[at[4]:at[5]], text: document[at[6]:at[7]],
		}
		if at[2] >= 0 {
			b.mark = document[at[2]:at[3]]
		}
		blocks = append(blocks, b)
	}
	if marks := strings.Count(document, "<!-- e2e:"); marks != countMarked(blocks) {
		t.Fatalf("%s has %d marks, of which %d are above a block and known", path, marks, countMarked(blocks))
	}
	return blocks
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func countMarked(blocks []block) int {
	n := 0
	for _, b := range blocks {
		if b.mark != "" {
			n++
		}
	}
	return n
}

// TestTheGuideKnowsTheDefaults compares the limits that docs/graphql.md lists with the
// README, which is held to the program.
func TestTheGuideKnowsTheDefaults(t *testing.T) {
	t.Parallel()
	guide, readme := read(t, "../../docs/graphql.md"), read(t, "../../README.md")
	limits := regexp.MustCompile("(?m)^\\|.*\\| (`\\w+`) \\| (`DM_GRAPHQL_\\w+`) \\|$").FindAllStringSubmatch(guide, -1)
	if len(limits) < 9 {
		t.Errorf("the guide has %d limits that can be set", len(limits))
	}
	for _, limit := range limits {
		if row := "| " + limit[2] + " | " + limit[1] + " |"; !strings.Contains(readme, row) {
			t.Errorf("the README has no %q", row)
		}
	}
}
