package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTorrentCompletedEndsWithTheCredential(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	soon := time.Now().Add(time.Second)
	actor := d.actor(alice)
	actor.ExpiresAt = &soon
	d.setActor(alice, actor)

	t.Run("a socket is closed as unauthorized", func(t *testing.T) {
		t.Parallel()
		c := d.connect(t, alice)
		c.subscribe(t, "1", watch, nil)
		c.wantClose(t, 4401)
	})
	t.Run("an event stream completes", func(t *testing.T) {
		t.Parallel()
		s := d.stream(t, alice, watch, nil)
		if rest := s.rest(t); !strings.Contains(rest, "event: complete") {
			t.Errorf("got %q", rest)
		}
	})
}

func TestTorrentCompletedErrors(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	for _, cursor := range []string{"x", "-1", "1.5", " 1", "99999999999999999999", ""} {
		t.Run(fmt.Sprintf("malformed cursor %q", cursor), func(t *testing.T) {
			t.Parallel()
			d.post(t, alice, `query($after: ID) { completions(after: $after) { nodes { cursor } } }`, vars{"after": cursor}).
				wantError(t, "INVALID", "after")
			c := d.connect(t, alice)
			c.subscribe(t, "1", watch, vars{"after": cursor})
			into[reply](t, c.read(t).Payload).wantError(t, "INVALID", "after")
			if m := c.read(t); m.Type != "complete" {
				t.Errorf("got %+v", m)
			}
			s := d.stream(t, alice, watch, vars{"after": cursor})
			into[reply](t, s.event(t)).wantError(t, "INVALID", "after")
		})
	}
	for name, query := range map[string]string{
		"two subscriptions at once": `subscription { a: torrentCompleted { cursor } b: torrentCompleted { cursor } }`,
		"none":                      `subscription { torrentCompleted @skip(if: true) { cursor } }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wayBy(t, "SSE").ask(t, d, alice, query, nil).wantError(t, "INVALID", "")
		})
	}
	t.Run("a plain POST cannot follow anything", func(t *testing.T) {
		t.Parallel()
		got := d.post(t, alice, watch, nil)
		got.wantError(t, "INVALID", "")
		if got.status != http.StatusNotAcceptable {
			t.Errorf("HTTP %d", got.status)
		}
	})
}
