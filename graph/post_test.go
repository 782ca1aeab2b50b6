package graph_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

func TestPost(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	d.addTorrent(t, alice, 1)
	post := func(t *testing.T, query, accept string) reply {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url, strings.NewReader(`{"query":"`+query+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+alice)
		if accept != "" {
			request.Header.Set("Accept", accept)
		}
		return d.do(t, request)
	}

	t.Run("the answer is of the first type that is accepted", func(t *testing.T) {
		t.Parallel()
		for accept, want := range map[string]string{
			"":                                  "application/json",
			"*/*":                               "application/json",
			"application/*":                     "application/json",
			"application/json":                  "application/json",
			"application/graphql-response+json": "application/graphql-response+json",
			"text/html, application/graphql-response+json; q=0.9, */*":  "application/graphql-response+json",
			"application/json, application/graphql-response+json;q=0.1": "application/json",
			"text/html": "application/graphql-response+json",
		} {
			got := post(t, "{torrents {nodes {id}}}", accept)
			if got.status != http.StatusOK || got.header.Get("Content-Type") != want {
				t.Errorf("Accept %q: %d, %q", accept, got.status, got.header.Get("Content-Type"))
			}
		}
	})

	t.Run("data alone has a length", func(t *testing.T) {
		t.Parallel()
		got := post(t, "{torrents {nodes {magnetURI}}}", "")
		if length, err := strconv.Atoi(got.header.Get("Content-Length")); err != nil || length != len(`{"data":}`)+len(got.Data) {
			t.Errorf("Content-Length %q of %s", got.header.Get("Content-Length"), got.Data)
		}
		if text := string(got.Data); !strings.Contains(text, "&dn=") {
			t.Errorf("the magnet link is escaped without need: %s", text)
		}
	})

	t.Run("data and errors come together", func(t *testing.T) {
		t.Parallel()
		got := post(t, `{viewer {name} torrent(id: \"`+hash(1)[:36]+`\") {id}}`, "")
		if got.status != http.StatusOK || len(got.Errors) != 1 || !strings.Contains(string(got.Data), `"alice"`) {
			t.Errorf("%d, %s, %+v", got.status, got.Data, got.Errors)
		}
	})

	t.Run("an operation that is refused has a status", func(t *testing.T) {
		t.Parallel()
		for _, accept := range []string{"", "application/graphql-response+json"} {
			if got := post(t, "{unknown}", accept); got.status != http.StatusUnprocessableEntity || len(got.Errors) != 1 || got.Errors[0].Extensions.Code != "INVALID" {
				t.Errorf("Accept %q: %d, %+v", accept, got.status, got.Errors)
			}
		}
	})
}
