package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/graph"
)

const viewerName = `{ viewer { name } }`

func sha256Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestAutomaticPersistedQueries(t *testing.T) {
	t.Parallel()
	for _, first := range ways {
		t.Run("a query sent by "+first.name+" is known by its hash", func(t *testing.T) {
			t.Parallel()
			d := openDoor(t)
			hash := persistedQuery(sha256Hash(viewerName))
			got := first.send(t, d, alice, vars{"extensions": hash})
			got.wantError(t, "NOT_FOUND", "")
			if got.Errors[0].Message != "PersistedQueryNotFound" {
				t.Errorf("clients do not understand %q", got.Errors[0].Message)
			}
			got = first.send(t, d, alice, vars{"query": viewerName, "extensions": hash})
			wantJSON(t, got.Data, `{"viewer":{"name":"alice"}}`)
			for _, way := range ways {
				got := way.send(t, d, bob, vars{"extensions": hash})
				wantJSON(t, got.Data, `{"viewer":{"name":"bob"}}`)
			}
		})
	}
	d := openDoor(t)
	for name, extension := range map[string]any{
		"a text":          "x",
		"a list":          []int{1},
		"no hash":         vars{"version": 1},
		"a number":        vars{"version": 1, "sha256Hash": 5},
		"another version": vars{"version": 2, "sha256Hash": sha256Hash(viewerName)},
		"a wordy version": vars{"version": "one", "sha256Hash": sha256Hash(viewerName)},
	} {
		t.Run(name+" is no persisted query", func(t *testing.T) {
			t.Parallel()
			got := wayBy(t, "POST").send(t, d, alice, vars{"query": viewerName, "extensions": vars{"persistedQuery": extension}})
			got.wantError(t, "INVALID", "extensions")
		})
	}
	t.Run("only so many are kept", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		text := func(n int) string { return viewerName + strings.Repeat(" ", n) }
		for n := range 1001 {
			d.send(t, alice, http.MethodPost, "", "application/json", string(marshalled(t, vars{
				"query": text(n), "extensions": persistedQuery(sha256Hash(text(n))),
			})))
		}
		for n, want := range map[int]bool{0: false, 1000: true} {
			got := wayBy(t, "POST").send(t, d, alice, vars{"extensions": persistedQuery(sha256Hash(text(n)))})
			if known := len(got.Errors) == 0; known != want {
				t.Errorf("query %d is known: %v", n, known)
			}
		}
	})
}

func TestTrustedDocuments(t *testing.T) {
	t.Parallel()
	const other, two = `{ viewer { id } }`, `query one { viewer { name } } query two { viewer { name role } }`
	folder := t.TempDir()
	write(t, filepath.Join(folder, "viewerName.graphql"), viewerName+"\n")
	write(t, filepath.Join(folder, "two.graphql"), two)
	write(t, filepath.Join(folder, "watch.graphql"), watch)
	write(t, filepath.Join(folder, "README.md"), "not a document")
	file := filepath.Join(t.TempDir(), "documents.json")
	write(t, file, string(marshalled(t, map[string]string{
		"viewerName": viewerName, sha256Hash(two): two, "watch": watch,
	})))
	for form, path := range map[string]string{"a folder": folder, "a file": file} {
		trusted, err := graph.ReadTrustedDocuments(path)
		if err != nil {
			t.Fatal(err)
		}
		d := openDoor(t, func(c *graph.Config) { c.Trusted, c.Introspection = trusted, true })
		for _, way := range ways {
			t.Run(form+", by "+way.name, func(t *testing.T) {
				t.Parallel()
				for name, params := range map[string]vars{
					"by hash":               {"extensions": persistedQuery(sha256Hash(viewerName))},
					"by hash in capitals":   {"extensions": persistedQuery(strings.ToUpper(sha256Hash(viewerName)))},
					"by id":                 {"extensions": persistedQuery("viewerName")},
					"by text":               {"query": viewerName},
					"by hash and text":      {"query": viewerName, "extensions": persistedQuery(sha256Hash(viewerName))},
					"one operation of two":  {"extensions": persistedQuery(sha256Hash(two)), "operationName": "one"},
					"its hash alone, again": {"extensions": persistedQuery(sha256Hash(viewerName))},
				} {
					got := way.send(t, d, alice, params)
					if len(got.Errors) > 0 {
						t.Fatalf("%s: errors %+v", name, got.Errors)
					}
					wantJSON(t, got.Data, `{"viewer":{"name":"alice"}}`)
				}
				for name, params := range map[string]vars{
					"another text":               {"query": other},
					"a blank more":               {"query": viewerName + " "},
					"introspection":              {"query": `{ __schema { types { name } } }`},
					"a text that brings a hash":  {"query": other, "extensions": persistedQuery(sha256Hash(other))},
					"its hash alone, after that": {"extensions": persistedQuery(sha256Hash(other))},
					"a trusted hash on another":  {"query": other, "extensions": persistedQuery(sha256Hash(viewerName))},
					"nothing":                    {},
				} {
					got := way.send(t, d, admin, params)
					if len(got.Errors) != 1 || got.Errors[0].Extensions.Code != "FORBIDDEN" {
						t.Errorf("%s: %+v", name, got)
					}
					if way.name != "websocket" && got.status != http.StatusForbidden {
						t.Errorf("%s: HTTP %d", name, got.status)
					}
				}
			})
		}
		t.Run(form+", by documentId", func(t *testing.T) {
			t.Parallel()
			for _, name := range []string{"POST", "GET", "SSE", "multipart"} {
				got := wayBy(t, name).send(t, d, alice, vars{"documentId": "viewerName"})
				wantJSON(t, got.Data, `{"viewer":{"name":"alice"}}`)
			}
			got := d.send(t, alice, http.MethodGet, "documentId="+url.QueryEscape("nobody's"), "", "")
			got.wantError(t, "FORBIDDEN", "")
		})
		t.Run(form+", a subscription", func(t *testing.T) {
			t.Parallel()
			c := d.connect(t, alice)
			c.send(t, wsMessage{ID: "1", Type: "subscribe", Payload: marshalled(t, vars{"extensions": persistedQuery("watch")})})
			c.send(t, wsMessage{ID: "1", Type: "complete"})
			for m := c.read(t); m.Type != "complete"; m = c.read(t) { // what was under way may still come
				if m.Type == "error" {
					t.Fatalf("refused: %s", m.Payload)
				}
			}
		})
	}
}

func TestBadTrustedDocuments(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ content, want string }{
		"no JSON":           {"{", "must be a JSON object"},
		"a list":            {`["{ viewer { id } }"]`, "must be a JSON object"},
		"numbers":           {`{"a": 1}`, "must be a JSON object"},
		"nothing":           {`{}`, "no document"},
		"no GraphQL":        {`{"first": "{"}`, "document first"},
		"an unknown field":  {`{"first": "{ vewer { id } }"}`, "document first"},
		"an empty document": {`{"first": ""}`, "document first"},
		"only a fragment":   {`{"first": "fragment a on Query { viewer { id } }"}`, "document first"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "documents.json")
			write(t, path, test.content)
			_, err := graph.ReadTrustedDocuments(path)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("nowhere", func(t *testing.T) {
		t.Parallel()
		if _, err := graph.ReadTrustedDocuments(filepath.Join(t.TempDir(), "nowhere")); err == nil {
			t.Error("no error")
		}
	})
	t.Run("an empty folder", func(t *testing.T) {
		t.Parallel()
		if _, err := graph.ReadTrustedDocuments(t.TempDir()); err == nil {
			t.Error("no error")
		}
	})
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
