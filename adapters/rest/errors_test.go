package rest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/clarion-app/download-manager/adapters/rest"
	"github.com/clarion-app/download-manager/domain"
)

func TestErrors(t *testing.T) {
	t.Parallel()

	t.Run("no kind is forgotten, and no two are the same status", func(t *testing.T) {
		t.Parallel()
		seen := map[int]domain.Kind{}
		for _, kind := range domain.Kinds() {
			status := rest.StatusOf(kind)
			if status < 400 || seen[status] != "" {
				t.Errorf("%s: status %d, as %q", kind, status, seen[status])
			}
			seen[status] = kind
		}
	})

	cases := []struct {
		name   string
		err    error
		status int
		body   string
	}{
		{"invalid", domain.Invalid("serverId", "is required"), 422, `{"message":"The server_id field is required.","errors":{"server_id":["The server_id field is required."]}}`},
		{"magnetURI keeps its name", domain.Invalid("magnetURI", "must be good"), 422, `{"message":"The magnetURI field must be good.","errors":{"magnetURI":["The magnetURI field must be good."]}}`},
		{"a message that is a sentence", domain.Invalid("onComplete", "no such policy"), 422, `{"message":"No such policy.","errors":{"on_complete":["No such policy."]}}`},
		{"invalid without a message", domain.Invalid("name", ""), 422, `{"message":"The name field is invalid.","errors":{"name":["The name field is invalid."]}}`},
		{"invalid without a field", domain.Invalid("", "not so"), 422, `{"message":"Not so.","errors":{}}`},
		{"two fields", errors.Join(domain.Invalid("b", "is bad"), domain.Invalid("a", "is bad")), 422, `{"message":"The b field is bad. (and 1 more error)","errors":{"b":["The b field is bad."],"a":["The a field is bad."]}}`},
		{"three, two of them of one field", errors.Join(domain.Invalid("b", "is bad"), errors.Join(domain.Invalid("a", "is bad"), fmt.Errorf("x: %w", domain.Invalid("b", "has \"quotes\"")))), 422, `{"message":"The b field is bad. (and 2 more errors)","errors":{"b":["The b field is bad.","The b field has \"quotes\"."],"a":["The a field is bad."]}}`},
		{"not found", fmt.Errorf("finding: %w", domain.NotFound("no torrent x")), 404, `{"message":"No torrent x."}`},
		{"conflict", domain.Conflict("état"), 409, `{"message":"État."}`},
		{"forbidden", domain.Forbidden("you may not"), 403, `{"message":"You may not."}`},
		{"unauthenticated, whatever was wrong", domain.Unauthenticated("expired"), 401, `{"message":"Unauthenticated."}`},
		{"unavailable, without its cause", domain.Unavailable(io.EOF, "the daemon is away"), 503, `{"message":"The daemon is away."}`},
		{"cursor expired", domain.CursorExpired(1, 2), 410, `{"message":"Events after 1 are no longer all kept; the oldest usable cursor is 2.","oldest_cursor":"2"}`},
		{"internal", &domain.Error{Kind: domain.KindInternal, Message: "secret"}, 500, `{"message":"Internal error."}`},
		{"unknown", io.ErrUnexpectedEOF, 500, `{"message":"Internal error."}`},
		{"of no kind", &domain.Error{Kind: "NEW", Message: "secret"}, 500, `{"message":"Internal error."}`},
		{"the gravest wins", errors.Join(domain.Invalid("a", "is bad"), domain.Conflict("clash"), domain.Forbidden("you may not")), 403, `{"message":"You may not."}`},
		{"an unknown one is the gravest", errors.Join(domain.Invalid("a", "is bad"), fmt.Errorf("x: %w", io.EOF)), 500, `{"message":"Internal error."}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(config *rest.Config) {
				config.Authenticate = func(*http.Request) (domain.Actor, error) { return domain.Actor{}, c.err }
			})
			a := w.do("GET", "/torrents", "").want(c.status)
			if string(a.body) != c.body {
				t.Errorf("got  %s\nwant %s", a.body, c.body)
			}
			if logged := w.log.Len() > 0; logged != (c.status == 500) {
				t.Errorf("log: %s", &w.log)
			}
		})
	}
}
