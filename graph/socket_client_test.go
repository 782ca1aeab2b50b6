package graph_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// wsClient speaks graphql-transport-ws.
type wsClient struct {
	conn *websocket.Conn
}

type wsMessage struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// dial opens a socket and says nothing.
func (d *door) dial(t *testing.T, header http.Header, subprotocols ...string) *wsClient {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), strings.Replace(d.url, "http", "ws", 1), &websocket.DialOptions{ //nolint:bodyclose // the socket is the body
		HTTPClient: d.http, HTTPHeader: header, Subprotocols: subprotocols,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &wsClient{conn}
}

// connect opens a socket, says who it is and waits for the answer.
func (d *door) connect(t *testing.T, token string) *wsClient {
	t.Helper()
	c := d.dial(t, nil, "graphql-transport-ws")
	c.send(t, wsMessage{Type: "connection_init", Payload: json.RawMessage(`{"Authorization":"Bearer ` + token + `"}`)})
	if got := c.read(t); got.Type != "connection_ack" {
		t.Fatalf("got %+v, want connection_ack", got)
	}
	return c
}

func (c *wsClient) send(t *testing.T, message wsMessage) {
	t.Helper()
	text, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	c.sendText(t, string(text))
}

func (c *wsClient) sendText(t *testing.T, text string) {
	t.Helper()
	if err := c.conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func (c *wsClient) subscribe(t *testing.T, id, query string, variables vars) {
	t.Helper()
	payload, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	c.send(t, wsMessage{ID: id, Type: "subscribe", Payload: payload})
}

// read returns the next message, and answers pings on the way.
func (c *wsClient) read(t *testing.T) wsMessage {
	t.Helper()
	for {
		_, text, err := c.conn.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var m wsMessage
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if m.Type != "ping" {
			return m
		}
		c.send(t, wsMessage{Type: "pong"})
	}
}

// next returns the data of the next answer to the operation id.
func (c *wsClient) next(t *testing.T, id string) json.RawMessage {
	t.Helper()
	m := c.read(t)
	if m.Type != "next" || m.ID != id {
		t.Fatalf("got %+v, %s", m, m.Payload)
	}
	answer := into[reply](t, m.Payload)
	if len(answer.Errors) > 0 {
		t.Fatalf("errors %+v", answer.Errors)
	}
	return answer.Data
}

// wantClose reads up to the closing of the socket.
func (c *wsClient) wantClose(t *testing.T, code websocket.StatusCode) {
	t.Helper()
	for {
		_, _, err := c.conn.Read(context.WithoutCancel(t.Context()))
		if err == nil {
			continue
		}
		closed, ok := errors.AsType[websocket.CloseError](err)
		if !ok || closed.Code != code {
			t.Fatalf("closed by %v, want code %d", err, code)
		}
		if closed.Reason == "" {
			t.Error("the closing gives no reason")
		}
		return
	}
}
