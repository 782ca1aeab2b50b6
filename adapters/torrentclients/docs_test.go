package torrentclients_test

import (
	"bufio"
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/adapters/torrentclients"
	"github.com/clarion-app/download-manager/domain"
)

var update = flag.Bool("update", false, "write docs/torrent-clients.md anew")

// TestTheTableOfClients holds docs/torrent-clients.md against the list of clients and
// what the suite has written down of each: testdata/proven-VERSION.txt in its folder.
func TestTheTableOfClients(t *testing.T) {
	t.Parallel()
	clients := list(t, torrentclients.Config{Embedded: engine(t)})
	var columns []column
	for _, kind := range clients.Types() {
		columns = append(columns, read(t, kind, clients.Capabilities(kind)))
	}
	const path = "../../docs/torrent-clients.md"
	got := page(columns)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s does not say what is so (error %v); go test ./adapters/torrentclients -update writes it anew", path, err)
	}
}

// column is a type of client as the table has it.
type column struct {
	kind         domain.ClientType
	capabilities domain.Capabilities
	versions     []string
	// proven are the versions of which a fact has been proven, by the fact.
	proven map[string][]string
}

// read reads what has been proven of a type.
func read(t *testing.T, kind domain.ClientType, capabilities domain.Capabilities) column {
	t.Helper()
	c := column{kind: kind, capabilities: capabilities, proven: map[string][]string{}}
	files, err := filepath.Glob(filepath.Join(strings.ToLower(string(kind)), "testdata", "proven-*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing has been proven of %s (error %v)", kind, err)
	}
	slices.SortFunc(files, older)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, facts, _ := strings.Cut(string(text), "\n\n")
		declared := strings.Trim(fmt.Sprint(capabilities), "[]")
		_, version, _ := strings.Cut(head, "\nversion: ")
		version, _, _ = strings.Cut(version, "\n")
		if want := fmt.Sprintf("type: %s\nversion: %s\ndeclared: %s", kind, version, declared); head != want {
			t.Errorf("%s begins with\n%s\nwant\n%s", file, head, want)
		}
		c.versions = append(c.versions, version)
		for lines := bufio.NewScanner(strings.NewReader(facts)); lines.Scan(); {
			c.proven[lines.Text()] = append(c.proven[lines.Text()], version)
		}
	}
	return c
}

// older sorts texts by the numbers in them, where they begin alike: 0.9.8 is older than 0.16.
func older(a, b string) int {
	as, bs := strings.FieldsFunc(a, notDigit), strings.FieldsFunc(b, notDigit)
	return slices.CompareFunc(as, bs, func(x, y string) int {
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	})
}

func notDigit(r rune) bool { return r < '0' || r > '9' }

// summed up are facts of which each type has its own, or that are many of a kind.
var summedUp = map[string]string{
	"a fault on the way is told and passes: a wrong answer, ": "what is no answer in its protocol",
	"a fault on the way is told and passes: status ":          "an HTTP error",
	"a fault on the way is told and passes: a redirect ":      "a redirect to another host, which is not followed",
	"a magnet is taken in spite of its spelling: ":            "all that BEP 9 allows",
	"a magnet is refused as such: ":                           "those that it does not take",
	"what is not declared is refused, and changes nothing: ":  "all of it",
}

// page writes the whole page.
func page(columns []column) []byte {
	var text bytes.Buffer
	fmt.Fprint(&text, intro)
	fmt.Fprint(&text, "| Type | Proven on | Addresses like |\n| --- | --- | --- |\n")
	for _, c := range columns {
		examples := addresses[c.kind]
		fmt.Fprintf(&text, "| `%s` | %s | `%s`, `%s` |\n", c.kind, strings.Join(c.versions, ", "), examples[0], examples[1])
	}
	fmt.Fprint(&text, "\n## What each can do\n\n", capabilitiesIntro)
	table(&text, columns, "Capability")
	for _, capability := range domain.AllCapabilities() {
		row(&text, columns, "`"+string(capability)+"`", func(c column) string {
			if c.capabilities.Has(capability) {
				return "yes"
			}
			return "–"
		})
	}
	facts := map[string]bool{}
	for i := range columns {
		columns[i].sumUp()
		for fact := range columns[i].proven {
			facts[fact] = true
		}
	}
	isCompletion := func(fact string) bool { return strings.HasPrefix(fact, "completion: ") }
	for _, part := range []struct {
		title, head string
		of          func(string) bool
	}{
		{"When a torrent is complete", "Whatever happens,", isCompletion},
		{"What else is proven", "Fact", func(fact string) bool { return !isCompletion(fact) }},
	} {
		fmt.Fprintf(&text, "\n## %s\n\n", part.title)
		table(&text, columns, part.head)
		for _, fact := range slices.Sorted(maps.Keys(facts)) {
			if part.of(fact) {
				row(&text, columns, strings.TrimPrefix(fact, "completion: "), func(c column) string { return c.cell(fact) })
			}
		}
	}
	return text.Bytes()
}

// sumUp puts facts together that are many of a kind.
func (c *column) sumUp() {
	for fact, versions := range c.proven {
		for prefix, rest := range summedUp {
			if strings.HasPrefix(fact, prefix) {
				delete(c.proven, fact)
				short := strings.TrimRight(prefix, " ,")
				if i := strings.Index(prefix, ": "); i > 0 {
					short = prefix[:i]
				}
				c.proven[short+": "+rest] = versions
			}
		}
	}
}

// cell says for which versions a fact has been proven.
func (c *column) cell(fact string) string {
	switch versions := c.proven[fact]; len(versions) {
	case 0:
		return "–"
	case len(c.versions):
		return "yes"
	default:
		return strings.Join(versions, ", ")
	}
}

func table(text *bytes.Buffer, columns []column, head string) {
	row(text, columns, head, func(c column) string { return string(c.kind) })
	fmt.Fprintln(text, "| --- "+strings.Repeat("| --- ", len(columns))+"|")
}

func row(text *bytes.Buffer, columns []column, head string, cell func(column) string) {
	fmt.Fprintf(text, "| %s ", head)
	for _, c := range columns {
		fmt.Fprintf(text, "| %s ", cell(c))
	}
	fmt.Fprintln(text, "|")
}

const intro = `# Torrent clients

What is said here was written by the tests: ` + "`portstest.TorrentClient`" + ` is run against the real program of each type, in each of the versions named,
and notes what it has proven; a test holds this page against these notes. How a type is added is told in
[add-a-torrent-client.md](add-a-torrent-client.md). A dash is for what a type cannot do, or has nothing of: ` + "`Embedded`" + ` is no program of its own, and
cannot be unreachable.

`

const capabilitiesIntro = `` + "`TorrentServer.capabilities`" + ` tells the same. What a type can do has been proven on the real program; what it cannot do is refused with a clear
error where it is asked for, and changes nothing. That is proven, too.

A label is shown by us in any case. One that a client cannot keep (` + "`Deluge`" + ` with its Label plug-in turned off, or a label that is none for it) does
not keep a torrent out: the client does not show it, and a later change of the label is refused as ` + "`SETTING_REFUSED`" + `, which says why.

`
