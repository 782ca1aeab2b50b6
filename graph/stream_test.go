package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/graph"
)

// eventStream reads Server-Sent Events.
type eventStream struct {
	response *http.Response
	lines    *bufio.Scanner
	hangUp   context.CancelFunc
}

func (d *door) stream(t *testing.T, token, query string, variables vars) *eventStream {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	response, err := d.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = response.Body.Close()
	})
	if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Fatalf("HTTP %d, %s", response.StatusCode, got)
	}
	return &eventStream{response, bufio.NewScanner(response.Body), cancel}
}

// event returns the data of the next event.
func (s *eventStream) event(t *testing.T) json.RawMessage {
	t.Helper()
	for s.lines.Scan() {
		if data, ok := strings.CutPrefix(s.lines.Text(), "data: "); ok {
			return json.RawMessage(data)
		}
	}
	t.Fatalf("the stream has ended: %v", s.lines.Err())
	return nil
}

// next returns the data of the next answer.
func (s *eventStream) next(t *testing.T) json.RawMessage {
	t.Helper()
	answer := into[reply](t, s.event(t))
	if len(answer.Errors) > 0 {
		t.Fatalf("errors %+v", answer.Errors)
	}
	return answer.Data
}

// rest reads to the end.
func (s *eventStream) rest(t *testing.T) string {
	t.Helper()
	text, err := io.ReadAll(s.response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEventStreamKeepsAlive(t *testing.T) {
	t.Parallel()
	d := openDoor(t, func(c *graph.Config) { c.Limits.PingInterval = 10 * time.Millisecond })
	s := d.stream(t, alice, watch, nil)
	for s.lines.Scan() {
		if s.lines.Text() == ": ping" {
			return
		}
	}
	t.Fatal("the stream ended without a sign of life")
}

func TestEventStreamAnswersQueries(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	s := d.stream(t, alice, `{ viewer { name } }`, nil)
	wantJSON(t, s.next(t), `{"viewer":{"name":"alice"}}`)
	for s.lines.Scan() {
		if s.lines.Text() == "event: complete" {
			return
		}
	}
	t.Fatal("the stream ended without saying so")
}
