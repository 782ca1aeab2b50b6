//go:build linux

package main_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// completion is what a subscriber is told.
type completion struct {
	Cursor, TorrentID, Name, HashString, CompletedAt string
}

const subscribeQuery = `subscription($after: ID) {
	torrentCompleted(after: $after) { cursor torrentId name hashString completedAt } }`

// subscription is a subscriber and all that it has been told.
type subscription struct {
	stop func()

	mu    sync.Mutex
	told  []completion
	err   error
	ended bool
}

// transports are the ways to subscribe.
var transports = map[string]func(*instance, testing.TB, string) *subscription{
	"websocket": (*instance).overWebsocket,
	"SSE":       (*instance).overSSE,
}

// limited ends when the test's patience does.
func limited(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// subscribe runs follow until it ends or is stopped, at the latest with the test.
func subscribe(t testing.TB, follow func(context.Context, *subscription) error) *subscription {
	ctx, cancel := context.WithCancel(t.Context())
	s := &subscription{}
	gone := make(chan struct{})
	s.stop = func() { cancel(); <-gone }
	t.Cleanup(s.stop)
	go func() {
		defer close(gone)
		err := follow(ctx, s)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ended = true
		if ctx.Err() == nil {
			s.err = err
		}
	}()
	return s
}

// take keeps what one message of the server tells.
func (s *subscription) take(payload []byte) error {
	var message struct {
		Data   struct{ TorrentCompleted completion }
		Errors json.RawMessage
	}
	if err := json.Unmarshal(payload, &message); err != nil {
		return err
	}
	if message.Errors != nil {
		return fmt.Errorf("told of errors: %s", message.Errors)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, message.Data.TorrentCompleted)
	return nil
}

// all returns what has been told so far, in order.
func (s *subscription) all() []completion {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]completion(nil), s.told...)
}

func (s *subscription) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// wants waits until the subscriber has been told of these torrents, and fails if
// it was told of others, in another order, or of one twice.
func (s *subscription) wants(t testing.TB, torrentIDs ...string) []completion {
	t.Helper()
	wait.Until(t, patience, fmt.Sprintf("a subscriber told of %d completions", len(torrentIDs)), func() bool {
		return len(s.all()) >= len(torrentIDs) || s.over()
	})
	told := s.all()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(told) != len(torrentIDs) {
		t.Fatalf("told of %+v (%v); want torrents %v", told, s.err, torrentIDs)
	}
	for n, id := range torrentIDs {
		if told[n].TorrentID != id {
			t.Fatalf("told of %+v; want torrents %v", told, torrentIDs)
		}
	}
	return told
}

// overWebsocket subscribes by the graphql-transport-ws protocol.
func (i *instance) overWebsocket(t testing.TB, after string) *subscription {
	t.Helper()
	return subscribe(t, func(ctx context.Context, s *subscription) error {
		conn, response, err := websocket.Dial(ctx, i.url+"/graphql", &websocket.DialOptions{
			Subprotocols: []string{"graphql-transport-ws"},
			HTTPHeader:   http.Header{"Authorization": {"Bearer " + adminToken}},
		})
		if response != nil && response.Body != nil {
			defer response.Body.Close()
		}
		if err != nil {
			return err
		}
		defer func() { _ = conn.CloseNow() }()
		if err := wsjson.Write(ctx, conn, map[string]any{"type": "connection_init"}); err != nil {
			return err
		}
		for {
			var message struct {
				Type    string
				Payload json.RawMessage
			}
			if err := wsjson.Read(ctx, conn, &message); err != nil {
				return err
			}
			switch message.Type {
			case "connection_ack":
				err = wsjson.Write(ctx, conn, map[string]any{"id": "1", "type": "subscribe", "payload": operation(after)})
			case "next":
				err = s.take(message.Payload)
			case "ping":
				err = wsjson.Write(ctx, conn, map[string]any{"type": "pong"})
			case "error", "complete":
				return fmt.Errorf("%s: %s", message.Type, message.Payload)
			}
			if err != nil {
				return err
			}
		}
	})
}

// overSSE subscribes by Server-Sent Events.
func (i *instance) overSSE(t testing.TB, after string) *subscription {
	t.Helper()
	return subscribe(t, func(ctx context.Context, s *subscription) error {
		body, err := json.Marshal(operation(after))
		if err != nil {
			return err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, i.url+"/graphql", strings.NewReader(string(body)))
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+adminToken)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "text/event-stream")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d", response.StatusCode)
		}
		event := ""
		lines := bufio.NewScanner(response.Body)
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ":")
			value = strings.TrimSpace(value)
			switch {
			case name == "event":
				event = value
			case name == "data" && event == "next":
				if err := s.take([]byte(value)); err != nil {
					return err
				}
			case name == "data" && event == "complete":
				return fmt.Errorf("complete: %s", value)
			}
		}
		return lines.Err()
	})
}

func operation(after string) map[string]any {
	return map[string]any{"query": subscribeQuery, "variables": map[string]any{"after": after}}
}
