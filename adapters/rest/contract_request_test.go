package rest_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/adapters/rest"
	"github.com/clarion-app/download-manager/domain"
)

// The contract of the original, row by row: what holds for every request.
func TestContractOfEveryRequest(t *testing.T) {
	t.Parallel()
	facts := []struct {
		name string
		fact func(*testing.T, *world, string)
	}{
		{"without a good token every route is 401", func(t *testing.T, w *world, server string) {
			for _, route := range []string{
				"GET /torrents", "POST /torrents", "GET /torrents/x", "PUT /torrents/x", "PATCH /torrents/x", "DELETE /torrents/x",
				"PATCH /torrents/x/mark-incomplete", "GET /torrent-servers", "POST /torrent-servers", "GET /torrent-servers/x",
				"PUT /torrent-servers/x", "PATCH /torrent-servers/x", "DELETE /torrent-servers/" + server,
				"GET /torrent-servers/client-types", "HEAD /torrents",
			} {
				method, path, _ := strings.Cut(route, " ")
				a := w.do(method, path, "{", "Authorization", "", "Accept", "text/html").want(401)
				if method != "HEAD" && string(a.body) != `{"message":"Unauthenticated."}` {
					t.Errorf("%s: %s", route, a.body)
				}
			}
		}},
		{"404 of the path, 405, 401, 404 of the id, 422: in this order", func(t *testing.T, w *world, _ string) {
			w.do("POST", "/nothing", "", "Authorization", "").want(404)
			w.do("POST", "/torrents/x", "", "Authorization", "").want(405)
			w.do("PUT", "/torrents/x", "{}", "Authorization", "").want(401)
			w.do("PUT", "/torrents/x", "{}").want(404)
			w.do("PUT", "/torrent-servers/x", "{}").want(404)
			w.do("DELETE", "/torrents/x?delete_data=maybe", "").want(404)
			w.do("DELETE", "/torrent-servers/x?move_to=there", "").want(404)
			w.do("PUT", "/torrents/"+w.addTorrent(cosmos), "{}").want(422)
		}},
		{"a JSON content type may have a charset, and any spelling", func(_ *testing.T, w *world, _ string) {
			for _, kind := range []string{
				"application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON", "application/vnd.api+json", "text/json",
			} {
				w.do("POST", "/torrents", fields("magnetURI", cosmos), "Content-Type", kind).want(201)
			}
		}},
		{"an object is JSON even where the content type was forgotten", func(_ *testing.T, w *world, _ string) {
			for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "nonsense;;"} {
				w.do("POST", "/torrents", " \n"+fields("magnetURI", cosmos), "Content-Type", kind).want(201)
			}
		}},
		{"forms and query parameters are read too", func(t *testing.T, w *world, server string) {
			form := url.Values{"magnetURI": {"first", cosmos}, "server_id": {server}}.Encode()
			w.do("POST", "/torrents", form, "Content-Type", "application/x-www-form-urlencoded").want(201)
			w.do("POST", "/torrents", "a=1&"+form+"&b=%zz", "Content-Type", "application/x-www-form-urlencoded; charset=utf-8").want(201)

			var body bytes.Buffer
			parts := multipart.NewWriter(&body)
			_ = parts.WriteField("magnetURI", bare)
			_ = parts.WriteField("name", "Überraschung")
			_ = parts.Close()
			row := w.do("POST", "/torrents", body.String(), "Content-Type", parts.FormDataContentType()).want(201).row()
			if row["name"] != "Überraschung" || row["magnetURI"] != bare {
				t.Error(row)
			}

			query := "?" + url.Values{"magnetURI": {bare}, "name": {"from the query"}}.Encode()
			row = w.do("POST", "/torrents"+query, "").want(201).row()
			if row["name"] != "from the query" {
				t.Error(row)
			}
			row = w.do("POST", "/torrents"+query, fields("name", "from the body")).want(201).row()
			if row["name"] != "from the body" {
				t.Error(row)
			}
			w.do("POST", "/torrents", "magnetURI[]="+url.QueryEscape(bare), "Content-Type", "application/x-www-form-urlencoded").
				wantErrors("magnetURI")
		}},
		{"an unreadable body is as no fields, and the answer says why", func(t *testing.T, w *world, _ string) {
			for _, body := range []string{
				`{"magnetURI":`, "{", "}", `[]`, `["magnetURI"]`, "null", "5", `"text"`, "true", "nonsense", "{} {}", "\xff\xfe",
				`{"magnetURI":"` + bare + "&dn=\xff\"}",
			} {
				a := w.do("POST", "/torrents", body).wantErrors("magnetURI")
				if !strings.Contains(string(a.body), "is not a JSON object") {
					t.Errorf("%q: %s", body, a.body)
				}
			}
			w.do("POST", "/torrents", "").wantErrors("magnetURI")
			w.do("POST", "/torrents", "nonsense", "Content-Type", "text/plain").wantErrors("magnetURI")
			w.do("POST", "/torrents", "--x", "Content-Type", "multipart/form-data; boundary=x").wantErrors("magnetURI")
			w.do("POST", "/torrents", "--x", "Content-Type", "multipart/form-data").wantErrors("magnetURI")
			w.do("POST", "/torrents", `{"magnetURI":"`+bare+`","big":1e999}`).want(201)
		}},
		{"a body over the limit is 413, one at the limit is fine", func(t *testing.T, w *world, server string) {
			pad := func(size int) string {
				body := fields("magnetURI", bare, "pad", "")
				return strings.Replace(body, `"pad":"`, `"pad":"`+strings.Repeat("x", size-len(body)), 1)
			}
			w.do("POST", "/torrents", pad(64<<10)).want(201)
			for _, path := range []string{"/torrents", "/torrent-servers"} {
				a := w.do("POST", path, pad(64<<10+1)).want(413)
				if text, _ := a.row()["message"].(string); text == "" {
					t.Errorf("%s", a.body)
				}
			}
			w.do("PUT", "/torrent-servers/"+server, pad(1<<20)).want(413)
		}},
		{"texts are trimmed, and an empty one is null", func(t *testing.T, w *world, _ string) {
			row := w.do("POST", "/torrents", fields("magnetURI", " \n\t"+bare+"\u200b\x00 ", "name", "\u00a0 x y \ufeff", "hash_string", "  ")).want(201).row()
			if row["magnetURI"] != bare || row["name"] != "x y" || row["hash_string"] != nil {
				t.Error(row)
			}
			w.do("POST", "/torrents", fields("magnetURI", " \t ")).wantErrors("magnetURI")
		}},
		{"names of fields have their exact case, and unknown ones are ignored", func(_ *testing.T, w *world, _ string) {
			w.do("POST", "/torrents", fields("magneturi", bare)).wantErrors("magnetURI")
			w.do("POST", "/torrents", fields("magnet_uri", bare)).wantErrors("magnetURI")
			w.do("POST", "/torrents", fields("magnetURI", bare, "colour", "blue", "errors", []int{1})).want(201)
		}},
		{"a list is a bare array, [] when empty, and query parameters change nothing", func(t *testing.T, w *world, server string) {
			if a := w.do("GET", "/torrents", "").want(200); string(a.body) != "[]" {
				t.Errorf("%s", a.body)
			}
			w.addTorrent(cosmos)
			w.addTorrent(bare)
			plain := w.do("GET", "/torrents", "").want(200)
			again := w.do("GET", "/torrents?page=2&per_page=1&filter[name]=x", "").want(200)
			if !bytes.Equal(plain.body, again.body) || len(plain.rows()) != 2 {
				t.Errorf("%s\n%s", plain.body, again.body)
			}
			w.do("DELETE", "/torrent-servers/"+server+"?move_to="+w.addServer("other:1"), "").want(204)
		}},
		{"errors are JSON whatever Accept says", func(_ *testing.T, w *world, _ string) {
			for _, accept := range []string{"", "*/*", "text/html", "application/json"} {
				w.do("GET", "/nothing", "", "Accept", accept).want(404)
				w.do("PUT", "/torrents", "", "Accept", accept).want(405)
				w.do("POST", "/torrents", "", "Accept", accept).wantErrors("magnetURI")
				w.do("GET", "/torrents/x", "", "Accept", accept).want(404)
			}
		}},
		{"times are YYYY-MM-DD HH:MM:SS and ids are small version 4 UUIDs of our choice", func(t *testing.T, w *world, server string) {
			stamp := regexp.MustCompile(`^2025-06-20 10:30:\d\d$`)
			id := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
			body := fields("magnetURI", bare, "id", nobody, "created_at", "1999-01-01", "local_node", "mine", "address", "x:1", "type", "Transmission")
			for _, path := range []string{"/torrents", "/torrent-servers"} {
				row := w.do("POST", path, body).want(201).row()
				if !stamp.MatchString(fmt.Sprint(row["created_at"])) || !stamp.MatchString(fmt.Sprint(row["updated_at"])) ||
					!id.MatchString(fmt.Sprint(row["id"])) || row["id"] == nobody || row["local_node"] != node {
					t.Error(row)
				}
			}
		}},
		{"an id in capitals is the same id, and any other form is unknown", func(_ *testing.T, w *world, server string) {
			id := w.addTorrent(cosmos)
			w.do("GET", "/torrents/"+strings.ToUpper(id), "").want(200)
			for _, form := range []string{
				"{" + id + "}", "urn:uuid:" + id, strings.ReplaceAll(id, "-", ""), id + "0", id[1:], "0", "%00", "..%2f" + id, "client-types", nobody,
			} {
				for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
					w.do(method, "/torrents/"+url.PathEscape(form), "{}").want(404)
				}
				w.do("PATCH", "/torrents/"+url.PathEscape(form)+"/mark-incomplete", "").want(404)
			}
			w.do("GET", "/torrent-servers/"+strings.ToUpper(server), "").want(200)
		}},
	}
	for _, f := range facts {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			w, server := withServer(t)
			f.fact(t, w, server)
		})
	}
}

// What is our fault shows nothing of its inside.
func TestFaults(t *testing.T) {
	t.Parallel()

	t.Run("an unknown error is 500, logged whole and shown as nothing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		a := w.do("GET", "/torrents", "", "Authorization", "Bearer broken").want(500)
		if string(a.body) != `{"message":"Internal error."}` || !strings.Contains(w.log.String(), "disk I/O error") {
			t.Errorf("%s, log %s", a.body, &w.log)
		}
	})

	t.Run("a panic is 500, logged with its stack", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		a := w.do("GET", "/torrents", "", "Authorization", "Bearer panic").want(500)
		if string(a.body) != `{"message":"Internal error."}` ||
			!strings.Contains(w.log.String(), "at the disco") || !strings.Contains(w.log.String(), "goroutine") {
			t.Errorf("%s, log %s", a.body, &w.log)
		}
	})

	t.Run("a wish to abort is granted", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, func(c *rest.Config) {
			c.Authenticate = func(*http.Request) (domain.Actor, error) { panic(http.ErrAbortHandler) }
		})
		defer func() {
			if recovered := recover(); recovered != http.ErrAbortHandler { //nolint:errorlint // it is that very value
				t.Errorf("recovered %v", recovered)
			}
		}()
		w.do("GET", "/torrents", "")
	})

	t.Run("a caller who has gone is nobody's fault", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		r := httptest.NewRequestWithContext(cancelled(), "GET", "/api/torrents", nil)
		r.Header.Set("Authorization", "Bearer admin")
		if a := w.send(r).want(503); w.log.Len() > 0 {
			t.Errorf("%s, log %s", a.body, &w.log)
		}
	})

	t.Run("a body that breaks off is as none", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/api/torrents", brokenOff{})
		r.Header.Set("Authorization", "Bearer admin")
		w.send(r).wantErrors("magnetURI")
	})
}
