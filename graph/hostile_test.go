package graph_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// chain writes fragments that each spread the next, and the last one's selection.
func chain(n int, on, format, last string) string {
	var all strings.Builder
	for i := range n {
		next := fmt.Sprintf("...f%d", i+1)
		fmt.Fprintf(&all, "fragment f%d on %s { %s } ", i, on, strings.ReplaceAll(format, "NEXT", next))
	}
	return all.String() + fmt.Sprintf("fragment f%d on %s { %s }", n, on, last)
}

// hostileDocuments are written to take long, or much. All are INVALID.
var hostileDocuments = map[string]string{
	"10,000 aliases":               "{ viewer { " + lots(10_000, "a%d: id ") + "} }",
	"2,000 aliases":                "{ viewer { " + lots(1600, "a%d: id ") + "} }",
	"one field 4,900 times":        "{ viewer { " + strings.Repeat("id ", 4900) + "} }",
	"one object 1,000 times":       "{ " + strings.Repeat("viewer { id } ", 1000) + "}",
	"one fragment 1,000 times":     "{ viewer { " + strings.Repeat("...f ", 1000) + "} } fragment f on User { id }",
	"fields times a fragment":      "{ " + strings.Repeat("viewer { ...f id } ", 400) + "} fragment f on User { " + strings.Repeat("id ", 1500) + "}",
	"4,900 unknown fields":         "{ viewer { " + lots(4900, "x%d ") + "} }",
	"800 operations":               lots(800, "query q%d { viewer { id } } "),
	"1,000 variables":              "query(" + lots(1000, "$v%d: Int ") + ") { viewer { id } }",
	"700 directives":               "{ viewer { id " + strings.Repeat("@include(if: true) ", 700) + "} }",
	"a circular fragment":          "{ viewer { ...a } } fragment a on User { ...b } fragment b on User { ...a }",
	"a fragment of itself":         "{ viewer { ...a } } fragment a on User { id ...a }",
	"circles of the schema":        "{ __schema { types { ...a } } } fragment a on __Type { ofType { ...a } }",
	"exponential fragments":        "{ ...f0 } " + chain(40, "Query", "NEXT NEXT", "viewer { id }"),
	"exponential and empty":        "{ viewer { ...f0 } } " + chain(40, "User", "NEXT NEXT", "id @skip(if: true)"),
	"exponential and nested":       "{ torrents { nodes { ...f0 } } } " + chain(24, "Torrent", "server { torrents { nodes { NEXT } } } a: server { torrents { nodes { NEXT } } }", "id"),
	"exponential and alike":        "{ torrents { nodes { ...f0 } } } " + chain(24, "Torrent", "server { torrents { nodes { NEXT } } } server { torrents { nodes { NEXT } } }", "id"),
	"exponential in the schema":    "{ __schema { types { ...f0 } } } " + chain(40, "__Type", "NEXT NEXT", "name"),
	"the schema, wide":             "{ __schema { types { fields { type { fields { " + lots(45, "a%d: type { name kind } ") + "} } } } } }",
	"the schema, deep":             "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
	"selections 3,000 deep":        strings.Repeat("{ a ", 3000),
	"a list 3,000 deep":            "{ torrents(first: " + strings.Repeat("[", 3000) + ") { nodes { id } } }",
	"an object 900 deep":           "{ torrents(filter: " + strings.Repeat("{status: ", 900) + "1" + strings.Repeat("}", 900) + ") { nodes { id } } }",
	"a name of half a megabyte":    "{ " + strings.Repeat("a", 500_000) + " }",
	"a text without an end":        `{ torrents(after: "` + strings.Repeat("a", 500_000),
	"half a megabyte of comments":  strings.Repeat("#\n", 250_000),
	"an input field twice":         `{ torrents(filter: {hasProblem: true, hasProblem: false}) { nodes { id } } }`,
	"an argument twice":            `{ torrents(first: 1, first: 2) { nodes { id } } }`,
	"two operations without names": `{ viewer { id } } { viewer { name } }`,
}

// What each may take on a machine that is busy with other tests, under the race
// detector; alone it is some milliseconds, and without our bounds for ever.
const hostileTime = 30 * time.Second

func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	for name, document := range hostileDocuments {
		for _, way := range ways {
			if way.name == "GET" && len(document) > 100_000 {
				continue // net/http's own limit of addresses is about there
			}
			t.Run(name+", by "+way.name, func(t *testing.T) {
				t.Parallel()
				start := time.Now()
				got := way.ask(t, d, admin, document, nil)
				if took := time.Since(start); took > hostileTime {
					t.Errorf("took %s", took)
				}
				if len(got.Errors) == 0 || len(got.Errors) > 20 {
					t.Fatalf("%d errors", len(got.Errors))
				}
				for _, err := range got.Errors {
					if err.Extensions.Code != "INVALID" {
						t.Errorf("got %+v", err)
					}
				}
				if way.name != "websocket" && got.status != http.StatusUnprocessableEntity {
					t.Errorf("HTTP %d", got.status)
				}
			})
		}
	}
}

// hostileRequests are no requests of GraphQL at all.
var hostileRequests = map[string]struct {
	contentType, body string
	status            int
	field             string
}{
	"a query of 10 MB":              {"application/json", `{"query":"{ viewer { ` + strings.Repeat("id ", 3<<20) + `} }"}`, 413, ""},
	"variables of 10 MB":            {"application/json", `{"query":"{ viewer { id } }","variables":{"a":"` + strings.Repeat("a", 10<<20) + `"}}`, 413, ""},
	"a form of 10 MB":               {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n" + strings.Repeat(" ", 10<<20), 413, ""},
	"a file of 10 MB":               {"multipart/form-data; boundary=x", formHead + "--x\r\nContent-Disposition: form-data; name=\"0\"; filename=\"f\"\r\n\r\n" + strings.Repeat("d", 10<<20), 400, ""},
	"a form without an end":         {"multipart/form-data; boundary=x", strings.TrimSuffix(formHead, "\r\n"), 400, ""},
	"a part with a head of 900 KB":  {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"" + strings.Repeat("o", 900<<10) + "\"\r\n\r\n", 400, ""},
	"a part with 30,000 heads":      {"multipart/form-data; boundary=x", "--x\r\n" + strings.Repeat("A: b\r\n", 30_000) + "\r\n", 400, ""},
	"JSON 500,000 deep":             {"application/json", `{"query":"{ viewer { id } }","variables":` + strings.Repeat(`{"a":`, 100_000), 400, ""},
	"variables 20,000 deep":         {"application/json", `{"query":"{ viewer { id } }","variables":{"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}}`, 400, ""},
	"a query twice":                 {"application/json", `{"query":"{ viewer { id } }","query":"{ viewer { name } }"}`, 400, "query"},
	"a query in two spellings":      {"application/json", `{"query":"{ viewer { id } }","QUERY":"{ viewer { name } }"}`, 400, "QUERY"},
	"a query twice, one escaped":    {"application/json", `{"query":"{ viewer { id } }","\u0071uery":"{ viewer { name } }"}`, 400, "query"},
	"variables twice":               {"application/json", `{"query":"{ viewer { id } }","variables":{"x":"\"}"},"variables":{}}`, 400, "variables"},
	"text that is no UTF-8":         {"application/json", "{\"query\":\"{ viewer { id } } #\xff\xfe\"}", 400, ""},
	"variables that are no UTF-8":   {"application/json", "{\"query\":\"{ viewer { id } }\",\"variables\":{\"a\":\"\xc3\x28\"}}", 400, ""},
	"UTF-16":                        {"application/json", "\xff\xfe{\x00}\x00", 400, ""},
	"a byte order mark":             {"application/json", "\xef\xbb\xbf{\"query\":\"{ viewer { id } }\"}", 400, ""},
	"what says it is UTF-16":        {"application/json; charset=utf-16", `{"query":"{ viewer { id } }"}`, 415, ""},
	"two values":                    {"application/json", `{"query":"{ viewer { id } }"} {"query":"{ viewer { id } }"}`, 400, ""},
	"a batch of 10,000":             {"application/json", "[" + strings.Repeat(`{"query":"{ viewer { id } }"},`, 10_000) + "{}]", 400, ""},
	"a batch in a form":             {"multipart/form-data; boundary=x", strings.Replace(formHead, `{"query"`, `[{"query"`, 1) + "--x--", 400, ""},
	"NaN":                           {"application/json", `{"query":"{ viewer { id } }","variables":{"a":NaN}}`, 400, ""},
	"only blanks":                   {"application/json", strings.Repeat(" ", 1000), 400, ""},
	"plain text":                    {"text/plain", `{"query":"{ viewer { id } }"}`, 415, ""},
	"GraphQL itself":                {"application/graphql", `{ viewer { id } }`, 415, ""},
	"XML":                           {"text/xml", `<query/>`, 415, ""},
	"a media type that is none":     {"application/json;;", `{}`, 415, ""},
	"an extension that is a number": {"application/json", `{"query":"{ viewer { id } }","extensions":5}`, 400, "extensions"},
	"a document's number":           {"application/json", `{"documentId":5}`, 400, "documentId"},
}

const formHead = "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{\"query\":\"{ viewer { id } }\"}\r\n" +
	"--x\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{}\r\n"

func TestHostileRequests(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	for name, test := range hostileRequests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			got := d.send(t, alice, http.MethodPost, "", test.contentType, test.body)
			got.wantError(t, "INVALID", test.field)
			if got.status != test.status {
				t.Errorf("HTTP %d, want %d", got.status, test.status)
			}
			if took := time.Since(start); took > hostileTime {
				t.Errorf("took %s", took)
			}
		})
	}
	t.Run("a compressed one", func(t *testing.T) {
		t.Parallel()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url, strings.NewReader("\x1f\x8b"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header = http.Header{
			"Authorization": {"Bearer " + alice}, "Content-Type": {"application/json"}, "Content-Encoding": {"gzip"},
		}
		got := d.do(t, request)
		got.wantError(t, "INVALID", "")
		if got.status != http.StatusUnsupportedMediaType {
			t.Errorf("HTTP %d", got.status)
		}
	})
	for name, rawQuery := range map[string]string{
		"a query twice":          "query=%7Bviewer%7Bid%7D%7D&query=%7Bviewer%7Bname%7D%7D",
		"text that is no UTF-8":  "query=%7Bviewer%7Bid%7D%7D%23%ff",
		"an escape that is none": "query=%7Bviewer%7Bid%7D%7D&a=%",
	} {
		t.Run(name+", by GET", func(t *testing.T) {
			t.Parallel()
			got := d.send(t, alice, http.MethodGet, rawQuery, "", "")
			if got.status != http.StatusBadRequest || len(got.Errors) != 1 || got.Errors[0].Extensions.Code != "INVALID" {
				t.Errorf("HTTP %d, %+v", got.status, got.Errors)
			}
		})
	}
	for name, payload := range map[string]string{
		"a query twice":         `{"query":"{ viewer { id } }","query":"{ viewer { name } }"}`,
		"text that is no UTF-8": "{\"query\":\"{ viewer { id } } #\xff\xfe\"}",
		"a batch":               `[{"query":"{ viewer { id } }"}]`,
	} {
		t.Run(name+", on a socket", func(t *testing.T) {
			t.Parallel()
			c := d.connect(t, alice)
			c.sendText(t, `{"id":"1","type":"subscribe","payload":`+payload+`}`)
			c.wantClose(t, websocket.StatusCode(4400))
		})
	}
}

// Whatever was sent, nothing of it stays.
func TestHostileRequestsLeaveNoMemory(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.ask(t, alice, `{ viewer { id } }`, nil) // what is made once: a connection, tables
	before := liveHeap()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for _, test := range hostileRequests {
				d.send(t, alice, http.MethodPost, "", test.contentType, test.body)
			}
			for _, document := range hostileDocuments {
				d.post(t, alice, document, nil)
			}
		})
	}
	wg.Wait()
	const most = 32 << 20 // other tests run beside this one; some 120 MB were sent
	if grown := liveHeap() - before; grown > most {
		t.Errorf("%d MiB more are in use than before", grown>>20)
	}
}

func liveHeap() int64 {
	runtime.GC()
	runtime.GC() // and what finalizers let go
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
