package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
	"github.com/clarion-app/download-manager/ports"
)

// endlessLog is an event log with ever more completions, and tells when its last
// reader has gone.
type endlessLog struct {
	ports.EventLog
	ports.EventSignal
	gone chan struct{}
}

func (l endlessLog) After(_ context.Context, query ports.EventQuery) ([]domain.Event, error) {
	events := make([]domain.Event, query.Limit)
	for i := range events {
		now := time.Now()
		events[i] = domain.Event{
			Cursor: query.After + domain.Cursor(i) + 1, Type: domain.EventCompleted, CompletedAt: &now,
			UserID: query.Filter.UserID, Name: strings.Repeat("n", 4000),
		}
	}
	return events, nil
}

func (l endlessLog) Subscribe() (<-chan struct{}, func()) {
	hint, stop := l.EventSignal.Subscribe()
	return hint, func() {
		stop()
		l.gone <- struct{}{}
	}
}

// A client that stops reading fills the buffers between it and the server; from then
// on the server's writes would hang for ever. It is dropped instead, and what it
// followed ends with it; goleak sees whether anything is left.
func TestConsumerThatDoesNotReadIsDropped(t *testing.T) {
	t.Parallel()
	const query = `{"query":"subscription { torrentCompleted(after: 0) { cursor name } }"}`
	for name, follow := range map[string]func(t *testing.T, d *door, conn net.Conn){
		"websocket": func(t *testing.T, d *door, conn net.Conn) {
			t.Helper()
			raw := &rawDialer{conn}
			c, _, err := websocket.Dial(t.Context(), strings.Replace(d.url, "http", "ws", 1), &websocket.DialOptions{ //nolint:bodyclose // the socket is the body
				HTTPClient: raw.client(), Subprotocols: []string{"graphql-transport-ws"},
			})
			if err != nil {
				t.Fatal(err)
			}
			client := &wsClient{c}
			client.send(t, wsMessage{Type: "connection_init", Payload: json.RawMessage(`{"token":"` + admin + `"}`)})
			client.read(t)
			client.send(t, wsMessage{Type: "subscribe", ID: "1", Payload: json.RawMessage(query)})
			client.read(t)
			t.Cleanup(func() { _ = c.CloseNow() })
		},
		"SSE": func(t *testing.T, d *door, conn net.Conn) {
			t.Helper()
			_, err := fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"+
				"Accept: text/event-stream\r\nContent-Length: %d\r\n\r\n%s", admin, len(query), query)
			if err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReaderSize(conn, 16).ReadString('\n'); err != nil || !strings.Contains(line, "200 OK") {
				t.Fatal(line, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := memory.New()
			log := endlessLog{store.EventLog(), store.Signal(), make(chan struct{}, 1)}
			d := openDoor(t, func(c *graph.Config) {
				c.Limits.WriteTimeout = 200 * time.Millisecond
				c.Events.EventLog, c.Events.Signal = log, log
			})
			conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
				t.Fatal(err)
			}
			follow(t, d, conn)
			select {
			case <-log.gone:
			case <-time.After(20 * time.Second):
				t.Fatal("the consumer is still being waited for")
			}
		})
	}
}

// rawDialer gives an http.Client one connection that is there already.
type rawDialer struct{ conn net.Conn }

func (r *rawDialer) client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return r.conn, nil },
	}}
}
