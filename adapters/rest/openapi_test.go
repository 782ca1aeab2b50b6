package rest_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/clarion-app/download-manager/adapters/rest"
	"github.com/clarion-app/download-manager/domain"
)

// document loads what the door serves, as one would who has only its address.
func document(t *testing.T, w *world) *openapi3.T {
	t.Helper()
	a := w.do("GET", "/openapi.json", "", "Authorization", "").want(200)
	doc, err := openapi3.NewLoader().LoadFromData(a.body)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestOpenAPIDocument(t *testing.T) {
	t.Parallel()

	t.Run("says the version and needs no token", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, func(c *rest.Config) { c.Version = `1.2.3-"x"` })
		if doc := document(t, w); doc.Info.Version != `1.2.3-"x"` || doc.OpenAPI != "3.1.0" {
			t.Error(doc.Info.Version, doc.OpenAPI)
		}
		document(t, newWorld(t))
	})

	t.Run("has every route, and no other", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		for path, item := range document(t, w).Paths.Map() {
			described := slices.Sorted(maps.Keys(item.Operations()))
			concrete := strings.ReplaceAll(path, "{id}", nobody)
			allow := strings.Split(w.do("OPTIONS", concrete, "").want(200).Header.Get("Allow"), ", ")
			allow = slices.DeleteFunc(allow, func(method string) bool { return method == "HEAD" })
			if path == "/torrent-servers/client-types" {
				allow = []string{"GET"} // to the other methods it is an unknown id
			}
			slices.Sort(allow)
			if !slices.Equal(described, allow) {
				t.Errorf("%s: describes %v, has %v", path, described, allow)
			}
		}
	})
}

// TestOpenAPIAnswers gets every answer that the document describes and holds it
// against the description.
func TestOpenAPIAnswers(t *testing.T) {
	t.Parallel()
	w, _ := withAnn(t)
	server := w.addServer("127.0.0.1:9091")
	doc := document(t, w)
	doc.Servers = openapi3.Servers{{URL: "/api"}}
	openapi3filter.RegisterBodyDecoder("text/event-stream", openapi3filter.FileBodyDecoder)
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	member := w.addTorrent(bare, "Authorization", "Bearer member")
	torrent, spare := w.addTorrent(cosmos), w.addServer("spare:1")
	w.complete(torrent, "2025-06-21")
	edit := fields("magnetURI", bare, "server_id", server, "user_id", otherID.String(), "name", "N", "completed_at", "2025-06-20T10:30")
	settings := fields("address", "box:1", "type", "Transmission", "username", "u", "password", "p", "on_complete", "KEEP")
	const asMember = "Bearer member"

	got := map[string]bool{}
	check := func(method, path, body, token string, status int, headers ...string) {
		t.Helper()
		route, a := ask(t, w, router, method, path, body, token, headers...)
		a.want(status)
		got[fmt.Sprintf("%s %s %d", method, route, status)] = true
	}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			if operation.Security != nil { // the routes that are everybody's
				continue
			}
			known := strings.ReplaceAll(path, "{id}", torrent)
			if strings.HasPrefix(path, "/torrent-servers/{id}") {
				known = strings.ReplaceAll(path, "{id}", server)
			}
			check(method, known, "", "", 401)
			check(method, known, "", "Bearer broken", 500)
			check(method, known, "", "Bearer away", 503)
			if known != path {
				check(method, strings.ReplaceAll(path, "{id}", nobody), "{}", "Bearer admin", 404)
			}
			if operation.Responses.Value("413") != nil {
				check(method, known, strings.Repeat("x", 1<<20), "Bearer admin", 413)
			}
			if operation.Responses.Value("422") != nil && method != "GET" { // which has its own ones
				check(method, known, `{"delete_data":"maybe","move_to":"there"}`, "Bearer admin", 422)
			}
		}
	}
	for _, c := range []struct {
		method, path, body, token string
		status                    int
	}{
		{"GET", "/openapi.json", "", "", 200},
		{"POST", "/login", fields("name", "Ann", "password", password), "", 200},
		{"POST", "/login", fields("name", "Ann", "password", "wrong"), "", 401},
		{"POST", "/login", strings.Repeat("x", 1<<20), "", 413},
		{"POST", "/login", "{}", "", 422},
		{"POST", "/login", fields("name", "Ann", "password", "broken"), "", 500},
		{"POST", "/login", fields("name", "Ann", "password", "away"), "", 503},
		{"GET", "/torrents", "", "Bearer admin", 200},
		{"POST", "/torrents", fields("magnetURI", cosmos), "Bearer admin", 201},
		{"POST", "/torrents", fields("magnetURI", bare, "server_id", spare, "name", "N", "hash_string", "h"), "Bearer admin", 201},
		{"GET", "/torrents/" + torrent, "", "Bearer admin", 200},
		{"GET", "/torrents/" + member, "", "Bearer admin", 200},
		{"PUT", "/torrents/" + torrent, edit, "Bearer admin", 200},
		{"PATCH", "/torrents/" + torrent, edit, "Bearer admin", 200},
		{"PUT", "/torrents/" + member, edit, asMember, 403},
		{"PATCH", "/torrents/" + member, edit, asMember, 403},
		{"PATCH", "/torrents/" + torrent + "/mark-incomplete", "", "Bearer admin", 200},
		{"DELETE", "/torrents/" + torrent + "?delete_data=true", "", "Bearer admin", 204},
		{"GET", "/torrent-servers/client-types", "", "Bearer admin", 200},
		{"GET", "/torrent-servers", "", "Bearer admin", 200},
		{"POST", "/torrent-servers", settings, "Bearer admin", 201},
		{"POST", "/torrent-servers", settings, asMember, 403},
		{"GET", "/torrent-servers/" + server, "", "Bearer admin", 200},
		{"PUT", "/torrent-servers/" + server, settings, "Bearer admin", 200},
		{"PUT", "/torrent-servers/" + server, settings, asMember, 403},
		{"PATCH", "/torrent-servers/" + server, settings, "Bearer admin", 200},
		{"PATCH", "/torrent-servers/" + server, settings, asMember, 403},
		{"DELETE", "/torrent-servers/" + server, "", "Bearer admin", 409},
		{"DELETE", "/torrent-servers/" + server, "", asMember, 403},
		{"DELETE", "/torrent-servers/" + server + "?move_to=" + spare, "", "Bearer admin", 204},
		{"GET", "/events?after=0&limit=3&type=ADDED&type=COMPLETED&wait=1", "", "Bearer admin", 200},
		{"GET", "/events?limit=0", "", "Bearer admin", 422},
		{"GET", "/events/stream?after=0", "", "Bearer brief", 200},
		{"GET", "/events/stream?after=x", "", "Bearer admin", 422},
		{"PUT", "/events/consumers/backup", `{"cursor":"0"}`, "Bearer admin", 200},
	} {
		check(c.method, c.path, c.body, c.token, c.status)
	}
	form, contentType := aForm(t, "@torrent", torrentFile(1, 20), "server_id", spare, "name", "N")
	check("POST", "/torrents", form, "Bearer admin", 201, contentType...)
	for magnet, status := range map[string]int{cosmos: 201, bare: 409} {
		key := []string{"Idempotency-Key", "k"}
		w.addTorrent(cosmos, key...)
		check("POST", "/torrents", fields("magnetURI", magnet), "Bearer admin", status, key...)
	}
	for i := range domain.MostConsumers {
		w.do("PUT", fmt.Sprint("/events/consumers/n", i), `{"cursor":0}`, "Authorization", asMember)
	}
	check("PUT", "/events/consumers/more", `{"cursor":"0"}`, asMember, 409)
	w.prune()
	check("GET", "/events?after=0", "", asMember, 410)
	check("GET", "/events/stream?after=0", "", asMember, 410)
	w.handler = newWorld(t, func(c *rest.Config) { c.Streams = -1 }).handler
	check("GET", "/events/stream", "", asMember, 429)
	check("GET", "/events?wait=1", "", asMember, 429)
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			for status := range operation.Responses.Map() {
				if key := method + " " + path + " " + status; !got[key] {
					t.Errorf("no request got: %s", key)
				}
			}
		}
	}
}

// ask sends a request and validates both sides of it: the answer always, the request
// where it went well. It returns the path as the document has it.
func ask(t *testing.T, w *world, router routers.Router, method, path, body, token string, headers ...string) (string, answer) {
	t.Helper()
	request := func() *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), method, "/api"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		if token != "" {
			r.Header.Set("Authorization", token)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return r
	}
	route, parameters, err := router.FindRoute(request())
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	asked := &openapi3filter.RequestValidationInput{
		Request: request(), PathParams: parameters, Route: route,
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true,
			AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
		},
	}
	a := w.send(request())
	if a.StatusCode < 300 {
		if err := openapi3filter.ValidateRequest(t.Context(), asked); err != nil {
			t.Errorf("%s %s: %v", method, path, err)
		}
	}
	answered := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: asked, Status: a.StatusCode, Header: a.Header, Options: asked.Options,
	}
	answered.SetBodyBytes(bytes.Clone(a.body))
	if err := openapi3filter.ValidateResponse(t.Context(), answered); err != nil {
		t.Errorf("%s %s: %v", method, path, err)
	}
	return route.Path, a
}
