package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
)

func TestSocketAuthentication(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	for name, payload := range map[string]string{
		"Authorization": `{"Authorization":"Bearer ` + alice + `"}`,
		"authorization": `{"authorization":"bearer ` + alice + `"}`,
		"token":         `{"token":"` + alice + `"}`,
	} {
		t.Run("the first message may bring the token as "+name, func(t *testing.T) {
			t.Parallel()
			c := d.dial(t, nil, "graphql-transport-ws")
			c.send(t, wsMessage{Type: "connection_init", Payload: json.RawMessage(payload)})
			if got := c.read(t); got.Type != "connection_ack" {
				t.Fatalf("got %+v", got)
			}
			c.subscribe(t, "q", `{ viewer { name } }`, nil)
			wantJSON(t, c.next(t, "q"), `{"viewer":{"name":"alice"}}`)
			if got := c.read(t); got.Type != "complete" || got.ID != "q" {
				t.Errorf("got %+v", got)
			}
		})
	}
	t.Run("the handshake may bring it, and the first message goes before it", func(t *testing.T) {
		t.Parallel()
		for payload, want := range map[string]string{``: "alice", `null`: "alice", `{"token":"` + bob + `"}`: "bob"} {
			c := d.dial(t, http.Header{"Authorization": {"Bearer " + alice}}, "graphql-transport-ws")
			c.send(t, wsMessage{Type: "connection_init", Payload: json.RawMessage(payload)})
			c.read(t)
			c.subscribe(t, "q", `{ viewer { name } }`, nil)
			wantJSON(t, c.next(t, "q"), `{"viewer":{"name":"`+want+`"}}`)
		}
	})
	for _, payload := range []string{``, `{}`, `{"token":"nonsense"}`, `{"token":5}`, `{"Authorization":"Basic eDp5"}`} {
		t.Run("4401 for "+payload, func(t *testing.T) {
			t.Parallel()
			c := d.dial(t, nil, "graphql-transport-ws")
			c.send(t, wsMessage{Type: "connection_init", Payload: json.RawMessage(payload)})
			c.wantClose(t, 4401)
		})
	}
	t.Run("a fault of ours is no bad credential", func(t *testing.T) {
		t.Parallel()
		broken := openDoor(t, func(c *graph.Config) {
			c.Authenticate = func(*http.Request) (domain.Actor, error) {
				return domain.Actor{}, domain.Unavailable(nil, "the database is away")
			}
		})
		c := broken.dial(t, nil, "graphql-transport-ws")
		c.send(t, wsMessage{Type: "connection_init"})
		c.wantClose(t, 4500)
	})
}

func TestSocketProtocol(t *testing.T) {
	t.Parallel()
	d := openDoor(t, func(c *graph.Config) {
		c.Limits.BodyBytes = 10_000
		c.Limits.OperationsPerSocket = 3
	})
	subscribe := func(id string) string {
		return fmt.Sprintf(`{"id":%q,"type":"subscribe","payload":{"query":"subscription { torrentCompleted { cursor } }"}}`, id)
	}
	for name, test := range map[string]struct {
		messages []string
		code     websocket.StatusCode
	}{
		"no JSON":                     {[]string{"{"}, 4400},
		"no message":                  {[]string{`{"id":"1"}`}, 4400},
		"an unknown type":             {[]string{`{"type":"start"}`}, 4400},
		"an id that is no text":       {[]string{`{"type":"subscribe","id":5}`}, 4400},
		"subscribe without an id":     {[]string{`{"type":"subscribe","payload":{"query":"{ viewer { id } }"}}`}, 4400},
		"subscribe without a payload": {[]string{`{"type":"subscribe","id":"1"}`}, 4400},
		"subscribe to a number":       {[]string{`{"type":"subscribe","id":"1","payload":{"query":1}}`}, 4400},
		"subscribe to a list":         {[]string{`{"type":"subscribe","id":"1","payload":[]}`}, 4400},
		"an id that is in use":        {[]string{subscribe("1"), subscribe("1")}, 4409},
		"a second connection_init":    {[]string{`{"type":"connection_init"}`}, 4429},
		"too long a message":          {[]string{`{"type":"ping","payload":{"x":"` + strings.Repeat("x", 10_000) + `"}}`}, 1009},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := d.connect(t, alice)
			for _, message := range test.messages {
				c.sendText(t, message)
			}
			c.wantClose(t, test.code)
		})
	}
	t.Run("binary", func(t *testing.T) {
		t.Parallel()
		c := d.connect(t, alice)
		if err := c.conn.Write(t.Context(), websocket.MessageBinary, []byte(`{"type":"ping"}`)); err != nil {
			t.Fatal(err)
		}
		c.wantClose(t, 4400)
	})
	for message, code := range map[string]websocket.StatusCode{
		subscribe("1"):                              4401,
		`{"type":"ping"}`:                           4401,
		`{"type":"pong"}`:                           4401,
		`{"type":"other"}`:                          4400,
		`{"type":"connection_init","payload":5}`:    4400,
		`{"type":"connection_init","payload":"x"}`:  4400,
		`{"type":"connection_init","payload":[{}]}`: 4400,
	} {
		t.Run("first of all "+message, func(t *testing.T) {
			t.Parallel()
			c := d.dial(t, nil, "graphql-transport-ws")
			c.sendText(t, message)
			c.wantClose(t, code)
		})
	}
	t.Run("nothing at all", func(t *testing.T) {
		t.Parallel()
		impatient := openDoor(t, func(c *graph.Config) { c.Limits.InitTimeout = 20 * time.Millisecond })
		impatient.dial(t, nil, "graphql-transport-ws").wantClose(t, 4408)
	})
	t.Run("another subprotocol", func(t *testing.T) {
		t.Parallel()
		d.dial(t, nil).wantClose(t, 4406)
		d.dial(t, nil, "graphql-ws").wantClose(t, 4406)
	})
	t.Run("an id is free again when its operation is over", func(t *testing.T) {
		t.Parallel()
		c := d.connect(t, alice)
		for range 5 {
			c.subscribe(t, "1", `{ viewer { name } }`, nil)
			c.next(t, "1")
			if got := c.read(t); got.Type != "complete" {
				t.Fatalf("got %+v", got)
			}
			c.subscribe(t, "1", `{ nonsense }`, nil)
			if got := c.read(t); got.Type != "error" || got.ID != "1" {
				t.Fatalf("got %+v", got)
			} else if errs := into[[]replyError](t, got.Payload); errs[0].Extensions.Code != "INVALID" {
				t.Fatalf("got %+v", errs)
			}
			c.sendText(t, subscribe("1"))
			c.send(t, wsMessage{ID: "1", Type: "complete"})
			for c.read(t).Type != "complete" { // what was under way may still come
			}
		}
	})
	t.Run("too many operations are refused, and their places freed", func(t *testing.T) {
		t.Parallel()
		c := d.connect(t, alice)
		for i := range 3 {
			c.sendText(t, subscribe(strconv.Itoa(i)))
		}
		c.subscribe(t, "q", `{ viewer { name } }`, nil)
		reply{Errors: into[[]replyError](t, c.read(t).Payload)}.wantError(t, "CONFLICT", "")
		c.send(t, wsMessage{ID: "0", Type: "complete"})
		for c.read(t).Type != "complete" {
		}
		c.subscribe(t, "q", `{ viewer { name } }`, nil)
		c.next(t, "q")
	})
	t.Run("mutations work, and pings are answered", func(t *testing.T) {
		t.Parallel()
		c := d.connect(t, admin)
		c.subscribe(t, "m", `mutation { checkTorrents { checks { open } } }`, nil)
		wantJSON(t, c.next(t, "m"), `{"checkTorrents":{"checks":[]}}`)
		c.read(t) // complete
		c.sendText(t, `{"type":"ping","payload":{"n":1}}`)
		if got := c.read(t); got.Type != "pong" || string(got.Payload) != `{"n":1}` {
			t.Errorf("got %+v", got)
		}
	})
}

func TestSocketHandshake(t *testing.T) {
	t.Parallel()
	d := openDoor(t, func(c *graph.Config) { c.AllowedOrigins = []string{"https://*.example.org"} })
	handshake := func(header http.Header) reply {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header = http.Header{
			"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
			"Sec-Websocket-Key": {"AAAAAAAAAAAAAAAAAAAAAA=="},
		}
		for name, value := range header {
			request.Header[name] = value
		}
		return d.do(t, request)
	}
	for name, test := range map[string]struct {
		header http.Header
		status int
		code   string
	}{
		"another protocol":     {http.Header{"Upgrade": {"h2c"}}, 400, "INVALID"},
		"another version":      {http.Header{"Sec-Websocket-Version": {"8"}}, 400, "INVALID"},
		"a bad key":            {http.Header{"Sec-Websocket-Key": {"x"}}, 400, "INVALID"},
		"a page of elsewhere":  {http.Header{"Origin": {"https://evil.example"}}, 403, "FORBIDDEN"},
		"a page from a file":   {http.Header{"Origin": {"null"}}, 403, "FORBIDDEN"},
		"a page by plain http": {http.Header{"Origin": {"http://a.example.org"}}, 403, "FORBIDDEN"},
	} {
		t.Run(name, func(t *testing.T) {
			got := handshake(test.header)
			got.wantError(t, test.code, "")
			if got.status != test.status {
				t.Errorf("HTTP %d", got.status)
			}
		})
	}
	for _, origin := range []string{"", "https://a.example.org", d.url} {
		t.Run("allowed: "+origin, func(t *testing.T) {
			header := http.Header{}
			if origin != "" {
				header.Set("Origin", origin)
			}
			d.dial(t, header, "graphql-transport-ws")
		})
	}
}

func TestSocketClientThatDoesNotAnswerPings(t *testing.T) {
	t.Parallel()
	d := openDoor(t, func(c *graph.Config) { c.Limits.PingInterval = 20 * time.Millisecond })
	c := d.connect(t, alice)
	for {
		if _, _, err := c.conn.Read(t.Context()); err != nil {
			return
		}
	}
}
