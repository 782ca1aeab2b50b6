package rest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/adapters/rest"
)

func TestRouting(t *testing.T) {
	t.Parallel()

	t.Run("every prefix has every route", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		for _, prefix := range []string{rest.DefaultPrefix, rest.ClarionPrefix} {
			w.prefix = prefix
			id := w.addTorrent(cosmos)
			w.do("GET", "/torrents/"+id, "").want(200)
			w.do("GET", "/torrent-servers", "").want(200)
			w.do("GET", "/openapi.json", "").want(200)
		}
	})

	t.Run("prefixes are what the configuration says", func(t *testing.T) {
		t.Parallel()
		for configured, path := range map[string]string{
			"/v1/": "/v1/torrents", "v1": "/v1/torrents", "/": "/torrents", "": "/torrents", " /a/{b} ": "/a/%7Bb%7D/torrents",
		} {
			w := newWorld(t, func(c *rest.Config) { c.Prefixes = []string{configured, configured} })
			w.prefix = ""
			w.do("GET", path, "").want(200)
			w.do("GET", "/api/torrents", "").want(404)
		}
	})

	t.Run("an unknown path is 404 for everybody", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		for _, path := range []string{
			"", "/", "/nothing", "/torrent", "/Torrents", "/torrents/a/b", "/torrents/a/mark-incomplete/b", "/openapi.yaml",
		} {
			for _, method := range []string{"GET", "POST", "OPTIONS", "FOO"} {
				a := w.do(method, path, "", "Authorization", "").want(404)
				if text, _ := a.row()["message"].(string); text == "" {
					t.Errorf("%s %s: no message", method, path)
				}
			}
		}
		w.prefix = ""
		w.do("GET", "/", "").want(404)
		w.do("GET", "/apitorrents", "").want(404)
	})

	t.Run("a wrong method is 405 with Allow for everybody", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		for path, allow := range map[string]string{
			"/torrents":           "GET, HEAD, POST",
			"/torrents/" + nobody: "GET, HEAD, PUT, PATCH, DELETE",
			"/torrents/" + nobody + "/mark-incomplete": "PATCH",
			"/torrent-servers":                         "GET, HEAD, POST",
			"/torrent-servers/" + nobody:               "GET, HEAD, PUT, PATCH, DELETE",
			"/torrent-servers/client-types":            "GET, HEAD, PUT, PATCH, DELETE",
			"/login":                                   "POST",
			"/openapi.json":                            "GET, HEAD",
		} {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO"} {
				if strings.Contains(allow, method) {
					continue
				}
				a := w.do(method, path, "", "Authorization", "").want(405)
				if got := a.Header.Get("Allow"); got != allow {
					t.Errorf("%s %s: Allow %q, want %q", method, path, got, allow)
				}
			}
		}
	})

	t.Run("trailing and doubled slashes change nothing, in any method", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		id := w.do("POST", "/torrents/", fields("magnetURI", cosmos)).want(201).id()
		w.do("GET", "//torrents//"+id+"/", "").want(200)
		w.do("PATCH", "/torrents/"+id+"/mark-incomplete/", "").want(200)
		w.do("GET", "/torrent-servers/client-types/", "").want(200)
		w.do("DELETE", "/torrents/"+id+"/", "").want(204)
	})

	t.Run("HEAD is GET without a body", func(t *testing.T) {
		t.Parallel()
		w, server := withServer(t)
		id := w.addTorrent(cosmos)
		for _, path := range []string{"/torrents", "/torrents/" + id, "/torrent-servers/" + server, "/openapi.json"} {
			a := w.do("HEAD", path, "").want(200)
			if len(a.body) != 0 || a.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s: %q, %d bytes", path, a.Header.Get("Content-Type"), len(a.body))
			}
		}
		w.do("HEAD", "/torrents/"+nobody, "").want(404)
	})

	t.Run("a real server and client agree on all of it", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		for range 300 { // more than one chunk
			w.addTorrent(cosmos)
		}
		server := httptest.NewServer(w.handler)
		defer server.Close()
		for _, method := range []string{"GET", "HEAD"} {
			r, _ := http.NewRequestWithContext(t.Context(), method, server.URL+"/api/torrents/", nil)
			r.Header.Set("Authorization", "Bearer admin")
			response, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			a := answer{Response: response, t: t}
			if a.body, err = readAll(response); err != nil {
				t.Fatal(err)
			}
			a.want(200)
			if method == "GET" && len(a.rows()) != 300 {
				t.Errorf("%d rows", len(a.rows()))
			}
		}
		// Far too much: the answer arrives, not a broken connection.
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/torrents", strings.NewReader(strings.Repeat("x", 250<<10)))
		r.Header.Set("Authorization", "Bearer admin")
		response, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a := answer{Response: response, t: t}
		if a.body, err = readAll(response); err != nil {
			t.Fatal(err)
		}
		a.want(413)
	})
}

func TestOptions(t *testing.T) {
	t.Parallel()
	open := func(c *rest.Config) { c.AllowedOrigins = []string{"https://ui.example"} }
	preflight := []string{
		"Authorization", "", "Origin", "https://ui.example",
		"Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "authorization,content-type",
	}

	t.Run("says what a path can do, without a token", func(t *testing.T) {
		t.Parallel()
		a := newWorld(t).do("OPTIONS", "/torrents/x", "", "Authorization", "").want(200)
		if got := a.Header.Get("Allow"); got != "GET, HEAD, PUT, PATCH, DELETE" || len(a.body) != 0 {
			t.Errorf("Allow %q, body %q", got, a.body)
		}
	})

	t.Run("a preflight of an allowed origin is told that it may", func(t *testing.T) {
		t.Parallel()
		a := newWorld(t, open).do("OPTIONS", "/torrents/x", "", preflight...).want(204)
		for name, value := range map[string]string{
			"Access-Control-Allow-Origin":  "https://ui.example",
			"Access-Control-Allow-Methods": "GET, HEAD, PUT, PATCH, DELETE",
			"Access-Control-Allow-Headers": "authorization,content-type",
			"Allow":                        "GET, HEAD, PUT, PATCH, DELETE",
			"Vary":                         "Origin",
		} {
			if got := a.Header.Get(name); got != value {
				t.Errorf("%s: %q, want %q", name, got, value)
			}
		}
	})

	t.Run("a preflight of another origin is answered and told nothing", func(t *testing.T) {
		t.Parallel()
		a := newWorld(t).do("OPTIONS", "/torrents/x", "", preflight...).want(204)
		for name := range a.Header {
			if strings.HasPrefix(name, "Access-Control") {
				t.Errorf("%s: %q", name, a.Header.Get(name))
			}
		}
	})

	t.Run("answers and errors can be read by an allowed origin, and by no other", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, open)
		for origin, want := range map[string]string{"https://ui.example": "https://ui.example", "https://evil.example": "", "": ""} {
			for _, token := range []string{"Bearer admin", ""} {
				a := w.do("GET", "/torrents", "", "Origin", origin, "Authorization", token)
				if got := a.Header.Get("Access-Control-Allow-Origin"); got != want {
					t.Errorf("origin %q: %q", origin, got)
				}
				if a.Header.Get("Access-Control-Allow-Credentials") != "" {
					t.Error("cookies are allowed")
				}
			}
		}
		anyOrigin := newWorld(t, func(c *rest.Config) { c.AllowedOrigins = []string{"*"} })
		a := anyOrigin.do("GET", "/torrents", "", "Origin", "https://any.example").want(200)
		if got := a.Header.Get("Access-Control-Allow-Origin"); got != "https://any.example" {
			t.Errorf("any origin: %q", got)
		}
	})
}
