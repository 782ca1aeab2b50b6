package graph_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/graph"
)

func TestMultipart(t *testing.T) {
	t.Parallel()
	d := openDoor(t, func(c *graph.Config) { c.Limits.BodyBytes = 10_000 })
	const operations = `{"query":"{ viewer { name } }"}`
	t.Run("mutations work", func(t *testing.T) {
		t.Parallel()
		got := wayBy(t, "multipart").ask(t, d, admin, `mutation { checkTorrents { checks { open } } }`, nil)
		wantJSON(t, got.Data, `{"checkTorrents":{"checks":[]}}`)
	})
	for name, test := range map[string]struct {
		parts  []string
		status int
		field  string
	}{
		"nothing":                         {nil, 400, ""},
		"no map":                          {[]string{"operations", operations}, 400, ""},
		"the map first":                   {[]string{"map", "{}", "operations", operations}, 400, ""},
		"operations in a file":            {[]string{"@operations", operations, "map", "{}"}, 400, ""},
		"operations that are no JSON":     {[]string{"operations", "{", "map", "{}"}, 400, ""},
		"a batch":                         {[]string{"operations", "[" + operations + "]", "map", "{}"}, 400, ""},
		"a map that is no JSON":           {[]string{"operations", operations, "map", "{"}, 400, "map"},
		"a map that is a list":            {[]string{"operations", operations, "map", "[]"}, 400, "map"},
		"a map to no list":                {[]string{"operations", operations, "map", `{"0":"variables.file"}`}, 400, "map"},
		"a map to no upload":              {[]string{"operations", operations, "map", `{"0":["variables.file"]}`, "@0", "d"}, 400, "map"},
		"a map to a place outside":        {[]string{"operations", operations, "map", `{"0":["query"]}`, "@0", "d"}, 400, "map"},
		"a file that no map speaks of":    {[]string{"operations", operations, "map", "{}", "@0", "d"}, 400, ""},
		"a field more":                    {[]string{"operations", operations, "map", "{}", "more", "x"}, 400, ""},
		"operations that are too long":    {[]string{"operations", operations + strings.Repeat(" ", 10_000), "map", "{}"}, 413, ""},
		"a map that is too long":          {[]string{"operations", operations, "map", "{" + strings.Repeat(" ", 10_000) + "}"}, 413, ""},
		"a subscription without a stream": {[]string{"operations", `{"query":"subscription { torrentCompleted { cursor } }"}`, "map", "{}"}, 406, ""},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			t.Parallel()
			contentType, body := form(t, test.parts...)
			got := d.send(t, alice, http.MethodPost, "", contentType, body)
			got.wantError(t, "INVALID", test.field)
			if got.status != test.status {
				t.Errorf("HTTP %d, want %d", got.status, test.status)
			}
		})
	}
	t.Run("a form without a boundary is refused", func(t *testing.T) {
		t.Parallel()
		got := d.send(t, alice, http.MethodPost, "", "multipart/form-data", operations)
		got.wantError(t, "INVALID", "")
		if got.status != http.StatusBadRequest {
			t.Errorf("HTTP %d", got.status)
		}
	})
	t.Run("nobody is refused before the form is read", func(t *testing.T) {
		t.Parallel()
		contentType, body := form(t, "operations", operations, "map", "{}")
		got := d.send(t, "", http.MethodPost, "", contentType, body)
		got.wantError(t, "UNAUTHENTICATED", "")
	})
}
