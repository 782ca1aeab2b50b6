package graph_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// releasedSchema is the schema that clients were written against: that of the last
// release.
const releasedSchema = "testdata/released.graphqls"

// renew writes the present schema down as the released one; `make release-schema`
// gives it.
var renew = flag.Bool("release-schema", false, "write the schema down as that of a release")

func TestSchemaKeepsWhatWasReleased(t *testing.T) {
	t.Parallel()
	if *renew {
		writeReleasedSchema(t)
	}
	text, err := os.ReadFile(releasedSchema)
	if err != nil {
		t.Fatal(err)
	}
	released, err := gqlparser.LoadSchema(&ast.Source{Name: releasedSchema, Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range breakingChanges(released, loadSchema(t)) {
		t.Errorf("breaks clients of the last release: %s", change)
	}
}

func writeReleasedSchema(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob("schema/*.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString("# " + filepath.Base(file) + "\n\n" + string(text) + "\n")
	}
	if err := os.WriteFile(releasedSchema, []byte(strings.TrimSpace(all.String())+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBreakingChangesAreFound(t *testing.T) {
	t.Parallel()
	const before = `
		directive @mark(text: String) on FIELD | FRAGMENT_SPREAD
		interface Node { id: ID! }
		type Query { film(id: ID!, year: Int = 5): Film, films(like: Wish): [Film!]! any: Any }
		type Film implements Node { id: ID! name: String! year: Int mood: Mood tags: [String!]! }
		type Book { id: ID! }
		union Any = Film | Book
		enum Mood { GLAD SAD }
		input Wish { name: String, year: Int! = 1, moods: [Mood] }
		scalar Time`
	for name, test := range map[string]struct {
		old, new string
		want     []string
	}{
		"nothing": {"", "", nil},
		"a type":  {"scalar Time", "", []string{"Time is gone"}},
		"a kind":  {"scalar Time", "enum Time { NOW }", []string{"Time was SCALAR and is ENUM"}},
		"a field": {"year: Int mood", "mood", []string{"Film.year is gone"}},

		"an output's type":                 {"year: Int mood", "year: Float mood", []string{"Film.year was Int and is Float"}},
		"an output that may be null":       {"name: String!", "name: String", []string{"Film.name was String! and is String"}},
		"items that may be null":           {"[String!]!", "[String]!", []string{"Film.tags was [String!]! and is [String]!"}},
		"a list for one":                   {"mood: Mood", "mood: [Mood]", []string{"Film.mood was Mood and is [Mood]"}},
		"an output that is null no longer": {"mood: Mood", "mood: Mood!", nil},

		"an argument":                {", year: Int = 5", "", []string{"Query.film(year) is gone"}},
		"an argument's type":         {"film(id: ID!", "film(id: String!", []string{"Query.film(id) was ID! and is String!"}},
		"an argument that is needed": {"like: Wish", "like: Wish!", []string{"Query.films(like) was Wish and is Wish!"}},
		"an argument that is not":    {"film(id: ID!", "film(id: ID", nil},
		"an argument's default":      {"year: Int = 5", "year: Int = 6", []string{"Query.film(year) had the default 5 and has 6"}},
		"no default any more":        {"year: Int = 5", "year: Int", []string{"Query.film(year) had the default 5 and has none"}},
		"a new required argument":    {"like: Wish", "like: Wish, must: Int!", []string{"Query.films(must) is new and required"}},
		"a new argument":             {"like: Wish", "like: Wish, may: Int", nil},
		"a new argument, defaulted":  {"like: Wish", "like: Wish, may: Int! = 1", nil},

		"an input's field":        {"name: String, year", "year", []string{"Wish.name is gone"}},
		"an input that is needed": {"input Wish { name: String", "input Wish { name: String!", []string{"Wish.name was String and is String!"}},
		"an input's default":      {"year: Int! = 1", "year: Int! = 2", []string{"Wish.year had the default 1 and has 2"}},
		"a needed default":        {"year: Int! = 1", "year: Int!", []string{"Wish.year had the default 1 and has none"}},
		"items that are needed":   {"moods: [Mood]", "moods: [Mood!]", []string{"Wish.moods was [Mood] and is [Mood!]"}},
		"a new required input":    {"input Wish {", "input Wish { must: Int!", []string{"Wish.must is new and required"}},
		"a new input":             {"input Wish {", "input Wish { may: Int", nil},

		"an enum's value":        {"GLAD SAD", "GLAD", []string{"Mood.SAD is gone"}},
		"a new enum value":       {"GLAD SAD", "GLAD SAD MAD", nil},
		"a union's member":       {"Film | Book", "Film", []string{"Any no longer holds Book"}},
		"an interface":           {"Film implements Node", "Film", []string{"Film is no Node any more"}},
		"a directive":            {"directive @mark(text: String) on FIELD | FRAGMENT_SPREAD", "", []string{"@mark is gone"}},
		"a directive's place":    {"on FIELD | FRAGMENT_SPREAD", "on FIELD", []string{"@mark may not stand on FRAGMENT_SPREAD any more"}},
		"a directive's argument": {"@mark(text: String)", "@mark", []string{"@mark(text) is gone"}},
		"a directive that repeats": {
			"directive @mark(text: String) on", "directive @mark(text: String) repeatable on", nil,
		},
		"a new field and a new type": {"type Film implements Node {", "type More { id: ID! } type Film implements Node { more: More", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(before, test.old) {
				t.Fatalf("%q is nowhere", test.old)
			}
			after := strings.Replace(before, test.old, test.new, 1)
			if got := breakingChanges(plantedSchema(t, before), plantedSchema(t, after)); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func plantedSchema(t *testing.T, text string) *ast.Schema {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
