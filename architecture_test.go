// Package architecture_test holds the house in order: who may import whom, and what else a review would stop at. The rules
// are read from the source, and each is itself tested on a planted violation.
package architecture_test

import (
	"slices"
	"strings"
	"testing"
)

// module is what the paths of our own packages begin with.
const module = "github.com/clarion-app/download-manager/"

// room is a folder with everything below it, unless a deeper folder is a room itself.
type room struct {
	path string
	// rooms it may import; one that ends in "/..." stands for what is below, too.
	rooms []string
	// libraries it may import; nil is any, as far as libraries does not keep it elsewhere.
	libraries []string
}

var none = []string{}

// house is the import table. It is about code, not about tests. What a room imports from within itself is its own
// business, but torrent clients are rooms of their own: they do not share what they know of their programs. A format of the
// world outside is nobody's (docs/decisions/0020-one-json-scanner.md).
var house = []room{
	{"domain", none, []string{"github.com/google/uuid"}},
	{"ports", []string{"domain"}, []string{"github.com/google/uuid"}},
	{"ports/portstest", []string{"domain", "ports"}, []string{"github.com/google/uuid"}},
	{"app", []string{"domain", "ports"}, []string{"github.com/google/uuid"}},
	{"graph", []string{"domain", "app"}, []string{
		"github.com/google/uuid", "github.com/99designs/gqlgen", "github.com/vektah/gqlparser/v2",
		"github.com/coder/websocket", "github.com/vikstrous/dataloadgen",
	}},
	{"adapters/rest", []string{"domain", "app"}, nil},
	{"adapters/scheduler", []string{"domain", "app"}, nil},
	{"adapters/auth", []string{"domain", "app"}, nil},
	{"adapters/database", []string{"domain", "ports", "migrations"}, nil},
	{"adapters/clarion", []string{"domain", "ports"}, nil},
	{"adapters/events", []string{"domain", "ports"}, nil},
	{"adapters/fetch", []string{"domain", "ports"}, none},
	{"adapters/memory", []string{"domain", "ports"}, nil},
	{"adapters/torrentclients", []string{"domain", "ports", "adapters/torrentclients/..."}, nil},
	{"adapters/torrentclients/*", []string{"domain", "ports", "internal/jsonscan"}, nil},
	{"migrations", none, none},
	{"web", none, none},
	{"cmd", []string{
		"domain", "ports", "app", "graph/...", "adapters/...", "migrations", "web",
	}, nil},
	{"bench", []string{
		"domain", "ports", "ports/portstest", "app", "graph/...", "adapters/...", "migrations", "web", "internal/testkit/...",
	}, nil},
	{"internal/jsonscan", none, none},
	{"internal/testkit", none, []string{"github.com/jackc/pgx/v5"}},
}

// libraries are kept in one room each, tests included, so that they can be replaced there. (bench measures the product
// against them.)
var libraries = map[string][]string{
	"github.com/uptrace/bun":         {"adapters/database", "bench"},
	"modernc.org/sqlite":             {"adapters/database", "bench"},
	"github.com/99designs/gqlgen":    {"graph"},
	"github.com/vektah/gqlparser/v2": {"graph"},
	"github.com/go-co-op/gocron":     {"adapters/scheduler"},
	"github.com/alecthomas/kong":     {"cmd"},
}

// rule is one sentence about the source, a function that finds what breaks it, and an example of that.
type rule struct {
	fact       string
	violations func(source) []string
	// planted is source that breaks the rule once: paths to contents.
	planted map[string]string
	// allowed looks similar and is fine.
	allowed map[string]string
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	all := read(t, ".")
	for _, rule := range slices.Concat(importRules, codeRules, portRules) {
		t.Run(rule.fact, func(t *testing.T) {
			t.Parallel()
			for _, violation := range rule.violations(all) {
				t.Error(violation)
			}
		})
		t.Run("caught when not: "+rule.fact, func(t *testing.T) {
			t.Parallel()
			if found := rule.violations(parse(t, rule.planted)); len(found) != 1 {
				t.Errorf("found %d violations where one was planted: %q", len(found), found)
			}
			if found := rule.violations(parse(t, rule.allowed)); len(found) != 0 {
				t.Errorf("found violations in what is allowed: %q", found)
			}
		})
	}
}

// roomOf returns the room that a folder is in: the deepest that fits.
func roomOf(folder string) (room, bool) {
	best, found := room{}, false
	for _, r := range house {
		if within(folder, r.path) && (!found || strings.Count(r.path, "/") > strings.Count(best.path, "/")) {
			best, found = r, true
		}
	}
	return best, found
}

// within reports whether folder is path or below it. An element * of path is any one name.
func within(folder, path string) bool {
	have, want := strings.Split(folder, "/"), strings.Split(path, "/")
	if len(have) < len(want) {
		return false
	}
	for i := range want {
		if want[i] != "*" && want[i] != have[i] {
			return false
		}
	}
	return true
}
