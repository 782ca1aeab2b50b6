package graph_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/graph"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

func TestSubscriptionsPerUser(t *testing.T) {
	t.Parallel()
	d := openDoor(t, func(c *graph.Config) { c.Limits.SubscriptionsPerUser = 3 })
	d.addServer(t)
	d.complete(t, d.addTorrent(t, alice, 1))
	d.complete(t, d.addTorrent(t, bob, 2))
	fromTheBeginning := vars{"after": "0"} // so that there is something to tell at once

	socket, other := d.connect(t, alice), d.connect(t, alice)
	for _, c := range []*wsClient{socket, other} {
		c.subscribe(t, "1", watch, fromTheBeginning)
		c.next(t, "1")
	}
	stream := d.stream(t, alice, watch, nil)
	refused := func(token string) bool {
		c := d.connect(t, token)
		defer c.conn.CloseNow() //nolint:errcheck // the test is done with it
		c.subscribe(t, "2", watch, fromTheBeginning)
		m := c.read(t)
		if m.Type == "error" {
			reply{Errors: into[[]replyError](t, m.Payload)}.wantError(t, "CONFLICT", "")
		}
		return m.Type == "error"
	}
	if !refused(alice) {
		t.Error("a fourth subscription runs")
	}
	got := sendForStream(t, d, alice, asking(watch))
	got.wantError(t, "CONFLICT", "")
	if got.status != http.StatusTooManyRequests {
		t.Errorf("HTTP %d", got.status)
	}
	d.ask(t, alice, `{ viewer { id } }`, nil)
	if refused(bob) {
		t.Error("another user is held to alice's")
	}

	ends := map[string]func(){
		"a subscription that is completed": func() { socket.send(t, wsMessage{ID: "1", Type: "complete"}) },
		"a socket that is gone":            func() { _ = other.conn.CloseNow() },
		"a stream that is hung up":         func() { stream.hangUp() },
	}
	for name, end := range ends {
		end()
		wait.Until(t, 10*time.Second, "the place of "+name+" to be free", func() bool { return d.follows(t, alice) })
		if !refused(alice) {
			t.Errorf("%s freed more than one place", name)
		}
	}
}

// follows opens an event stream for as long as the test takes, and reports whether it
// was let in.
func (d *door) follows(t *testing.T, token string) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url, bytes.NewReader(marshalled(t, asking(watch))))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{
		"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}, "Accept": {"text/event-stream"},
	}
	response, err := d.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response.StatusCode == http.StatusOK
}

func TestRefusedSubscriptionsKeepNoPlace(t *testing.T) {
	t.Parallel()
	d := openDoor(t, func(c *graph.Config) { c.Limits.SubscriptionsPerUser, c.Limits.OperationsPerSocket = 1, 2 })
	d.stream(t, alice, watch, nil)
	c := d.connect(t, alice)
	for range 5 { // as many as would use up the socket's own places
		c.subscribe(t, "1", watch, nil)
		reply{Errors: into[[]replyError](t, c.read(t).Payload)}.wantError(t, "CONFLICT", "")
	}
	for range 3 {
		c.subscribe(t, "q", `{ viewer { name } }`, nil)
		wantJSON(t, c.next(t, "q"), `{"viewer":{"name":"alice"}}`)
		c.read(t) // complete
	}
}
