package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/graph"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// openImpatientDoor has no end of completions, and does not wait long for those who do
// not read them.
func openImpatientDoor(t *testing.T) (*door, endlessLog) {
	t.Helper()
	store := memory.New()
	log := endlessLog{store.EventLog(), store.Signal(), make(chan struct{}, 1)}
	d := openDoor(t, func(c *graph.Config) {
		c.Limits.WriteTimeout = 200 * time.Millisecond
		c.Events.EventLog, c.Events.Signal = log, log
	})
	return d, log
}

// waitUntilDropped waits until the server has let go of all sockets: then nobody
// follows the log any more.
func (l endlessLog) waitUntilDropped(t *testing.T) {
	t.Helper()
	select {
	case <-l.gone:
	case <-time.After(20 * time.Second):
		t.Fatal("consumers are still being waited for")
	}
}

const followAll = `{"query":"subscription { torrentCompleted(after: 0) { cursor name } }"}`

func TestConsumerThatDoesNotReadLearnsWhy(t *testing.T) {
	t.Parallel()
	d, log := openImpatientDoor(t)
	c := d.connect(t, admin)
	c.send(t, wsMessage{Type: "subscribe", ID: "1", Payload: json.RawMessage(followAll)})
	c.read(t)
	log.waitUntilDropped(t)
	// When it reads after all, it gets whole messages and the code behind them.
	c.wantClose(t, websocket.StatusTryAgainLater)
}

func TestManyConsumersThatDoNotRead(t *testing.T) {
	t.Parallel()
	d, log := openImpatientDoor(t)
	var clients []*wsClient
	for range 20 {
		c := d.connect(t, admin)
		for id := range 2 {
			c.send(t, wsMessage{Type: "subscribe", ID: fmt.Sprint(id), Payload: json.RawMessage(followAll)})
		}
		clients = append(clients, c)
	}
	log.waitUntilDropped(t) // goleak sees whether anything is left
	for _, c := range clients {
		c.wantClose(t, websocket.StatusTryAgainLater)
	}
}

// A client that talks on without reading the answers is no better.
func TestFloodOfAClientThatDoesNotRead(t *testing.T) {
	t.Parallel()
	for name, messages := range map[string][]string{
		"pings":      {`{"type":"ping","payload":{"x":"` + strings.Repeat("x", 1000) + `"}}`},
		"operations": {`{"id":"%d","type":"subscribe","payload":{"query":"{ viewer { id name } }"}}`},
		"subscriptions that end at once": {
			`{"id":"%d","type":"subscribe","payload":{"query":"subscription { torrentCompleted { cursor } }"}}`,
			`{"id":"%[1]d","type":"complete"}`,
		},
		"bad operations": {`{"id":"%d","type":"subscribe","payload":{"query":"{ nonsense }"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDoor(t, func(c *graph.Config) {
				c.Limits.WriteTimeout = 200 * time.Millisecond
				c.Limits.OperationsPerSocket = 10
			})
			c := d.connect(t, admin)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			for n := 0; ; n++ {
				text := messages[n%len(messages)]
				if strings.Contains(text, "%") {
					text = fmt.Sprintf(text, n/len(messages))
				}
				if c.conn.Write(ctx, websocket.MessageText, []byte(text)) != nil {
					break
				}
			}
			if ctx.Err() != nil {
				t.Error("it is still being listened to")
			}
		})
	}
	t.Run("pings of the websocket itself", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t, func(c *graph.Config) { c.Limits.WriteTimeout = 200 * time.Millisecond })
		conn := d.handshake(t)
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		flood := strings.Repeat("\x89\xfd\x00\x00\x00\x00"+strings.Repeat("x", 125), 100)
		var err error
		for err == nil {
			_, err = conn.Write([]byte(flood))
		}
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // as net.Conn returns it
			t.Error("it is still being listened to")
		}
	})
}

// handshake opens a websocket and leaves its frames to the test.
func (d *door) handshake(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestChurnFreesEverything(t *testing.T) {
	t.Parallel()
	d := openDoor(t, func(c *graph.Config) { c.Limits.OperationsPerSocket = 5 })
	c := d.connect(t, alice)
	for n := range 500 {
		id := fmt.Sprint(n)
		c.subscribe(t, id, watch, nil)
		c.send(t, wsMessage{ID: id, Type: "complete"})
		if m := c.read(t); m.Type != "complete" || m.ID != id {
			t.Fatalf("got %+v %s", m, m.Payload)
		}
	}
	c.subscribe(t, "q", `{ viewer { name } }`, nil)
	c.next(t, "q")
}

// A message that has begun and does not go on is silence.
func TestHalfAMessage(t *testing.T) {
	t.Parallel()
	for name, frame := range map[string]string{
		"half a head":    "\x81",
		"half a message": "\x81\xfe\x01\x00\x00\x00\x00\x00{",
		"half a ping":    "\x89\xfd\x00\x00\x00\x00x",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDoor(t, func(c *graph.Config) { c.Limits.InitTimeout = 50 * time.Millisecond })
			conn := d.handshake(t)
			if _, err := conn.Write([]byte(frame)); err != nil {
				t.Fatal(err)
			}
			_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
			wait.Until(t, 30*time.Second, "the socket closed", func() bool {
				_, err := conn.Read(make([]byte, 1<<10))
				return err != nil
			})
		})
	}
}

func TestOneLookForAllSocketsOfACredential(t *testing.T) {
	t.Parallel()
	const sockets, interval = 20, 50 * time.Millisecond
	d := openDoor(t, func(c *graph.Config) { c.Limits.Reauthenticate = interval })
	var clients []*wsClient
	for range sockets {
		clients = append(clients, d.connect(t, alice))
	}
	before, began := d.looksSoFar(), time.Now()
	d.looked(t, 4)
	rounds := int(time.Since(began)/(interval/2)) + 2 // at the most
	if looks := d.looksSoFar() - before; looks > rounds {
		t.Errorf("%d looks in at most %d rounds", looks, rounds)
	}
	d.revoke(alice)
	for _, c := range clients {
		c.wantClose(t, 4401)
	}
}

func (d *door) looksSoFar() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.looks
}
