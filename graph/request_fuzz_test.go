package graph_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
)

// Whatever comes in, the door answers in its own words, and never that it is its own
// fault.
func FuzzRequest(f *testing.F) {
	const post, good = http.MethodPost, `{"query":"{ viewer { id } }"}`
	for _, seed := range []struct{ method, contentType, accept, rawQuery, body string }{
		{post, "application/json", "", "", good},
		{post, "application/json", "application/graphql-response+json", "", `{"query":"{ vewer }","query":""}`},
		{post, "application/json", "text/event-stream", "", `{"query":"subscription { torrentCompleted { cursor } }","variables":{}}`},
		{post, "application/json", "", "", `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"0"}}}`},
		{post, "application/json", "", "", `{"query":"{ torrents(first: 1e9, filter: {status: X}) { nodes { ...a } } } fragment a on Torrent { ...a }"}`},
		{post, "application/json", "", "", "[" + good + "]"},
		{post, "application/json", "", "", "{\"query\":\"\xff\",\"a\":\"\\\"\"}"},
		{post, "multipart/form-data; boundary=x", "", "", formHead + "--x--\r\n"},
		{post, "multipart/form-data; boundary=x", "", "", strings.Replace(formHead, "{}", `{"0":["variables.a"]}`, 1) + "--x--\r\n"},
		{post, "multipart/form-data", "", "", "--"},
		{http.MethodGet, "", "", "query={viewer{id}}&variables={}&extensions={}", ""},
		{http.MethodGet, "", "", "query=%ff&query=&%zz", ""},
		{"PUT", "", "", "", ""},
	} {
		f.Add(seed.method, seed.contentType, seed.accept, seed.rawQuery, seed.body)
	}
	f.Fuzz(func(t *testing.T, method, contentType, accept, rawQuery, body string) {
		d := openDoor(t)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond) // a subscription has no other end
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, post, "/", strings.NewReader(body))
		r.Method, r.URL.RawQuery = method, rawQuery
		r.Header = http.Header{"Authorization": {"Bearer " + admin}, "Content-Type": {contentType}, "Accept": {accept}}
		w := httptest.NewRecorder()
		graph.NewHandler(d.config).ServeHTTP(w, r)
		if w.Header().Get("Content-Type") == "text/event-stream" || ctx.Err() != nil {
			return
		}
		var answer reply
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("HTTP %d, %v: %q", w.Code, err, w.Body)
		}
		for _, err := range answer.Errors {
			code := domain.Kind(err.Extensions.Code)
			if !slices.Contains(domain.Kinds(), code) || code == domain.KindInternal {
				t.Errorf("HTTP %d, %+v", w.Code, err)
			}
		}
		if w.Code >= 500 || w.Code == http.StatusOK && answer.Data == nil && len(answer.Errors) == 0 {
			t.Errorf("HTTP %d: %q", w.Code, w.Body)
		}
	})
}
