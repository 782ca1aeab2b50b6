package rest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/rest"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// sse reads Server-Sent Events.
type sse struct {
	response *http.Response
	lines    *bufio.Scanner
	hangUp   context.CancelFunc
}

// stream asks for an event stream as an administrator, unless headers say otherwise.
func stream(t *testing.T, address, query string, headers ...string) *sse {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/api/events/stream?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer admin")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{}
	response, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = response.Body.Close()
		transport.CloseIdleConnections()
	})
	return &sse{response, bufio.NewScanner(response.Body), cancel}
}

// next returns the next event, and checks its form.
func (s *sse) next(t *testing.T) map[string]any {
	t.Helper()
	var id, kind string
	for s.lines.Scan() {
		switch name, value, _ := strings.Cut(s.lines.Text(), ": "); name {
		case "id":
			id = value
		case "event":
			kind = value
		case "data":
			var event map[string]any
			if err := json.Unmarshal([]byte(value), &event); err != nil {
				t.Fatal(err)
			}
			if event["cursor"] != id || event["type"] != kind || !s.lines.Scan() || s.lines.Text() != "" {
				t.Fatalf("id %s, event %s, data %s, then %q", id, kind, value, s.lines.Text())
			}
			return event
		}
	}
	t.Fatalf("the stream has ended: %v", s.lines.Err())
	return nil
}

func (s *sse) want(t *testing.T, types string) (last map[string]any) {
	t.Helper()
	for want := range strings.FieldsSeq(types) {
		if last = s.next(t); last["type"] != want {
			t.Fatalf("told %v, want %s", last, want)
		}
	}
	return last
}

// wantEnd fails unless nothing more comes but the end.
func (s *sse) wantEnd(t *testing.T) {
	t.Helper()
	for s.lines.Scan() {
		if line := s.lines.Text(); line != "" && line != ":" {
			t.Fatalf("got %q", line)
		}
	}
	if err := s.lines.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestEventStream(t *testing.T) {
	t.Parallel()

	t.Run("replays, follows, and goes on where it was cut off", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		address, _ := listen(t, w)
		w.life()
		s := stream(t, address, "after=0")
		if got := s.response.Header.Get("Content-Type"); got != "text/event-stream" || s.response.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", s.response.StatusCode, got)
		}
		s.want(t, wholeLife)
		w.life()
		last := s.want(t, "ADDED CHANGED PROBLEM_RAISED")
		s.hangUp()
		// As a browser comes back: the same address, and where it was.
		again := stream(t, address, "after=0", "Last-Event-ID", last["cursor"].(string))
		again.want(t, "PROBLEM_CLEARED COMPLETED MARKED_INCOMPLETE REMOVED")
	})

	t.Run("without a cursor tells what is to come; types and users narrow it", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		address, _ := listen(t, w)
		w.life()
		mine := stream(t, address, "type=COMPLETED&type=REMOVED", "Authorization", asMember)
		w.life()
		id := w.life("Authorization", asMember)
		if last := mine.want(t, "COMPLETED REMOVED"); last["torrent_id"] != id {
			t.Errorf("told %v", last)
		}
	})

	t.Run("a consumer goes on behind what it acknowledged", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		address, _ := listen(t, w)
		stream(t, address, "consumer=script").hangUp()
		w.life()
		stream(t, address, "consumer=script").want(t, wholeLife)
		w.do("PUT", "/events/consumers/script", `{"cursor":"6"}`).want(200)
		stream(t, address, "consumer=script").want(t, "REMOVED")
	})

	t.Run("shows that it is alive", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t, func(c *rest.Config) { c.KeepAlive = 10 * time.Millisecond })
		address, _ := listen(t, w)
		s := stream(t, address, "")
		if !s.lines.Scan() || s.lines.Text() != ":" {
			t.Errorf("got %q, %v", s.lines.Text(), s.lines.Err())
		}
	})

	t.Run("HEAD says what it would be", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		if a := w.do("HEAD", "/events/stream", ""); a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "text/event-stream" {
			t.Errorf("%d %v", a.StatusCode, a.Header)
		}
	})

	t.Run("a user can have so many, and who goes makes room", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t, func(c *rest.Config) { c.Streams = 2 })
		address, _ := listen(t, w)
		first := stream(t, address, "")
		stream(t, address, "")
		status := func() int { return w.do("GET", "/events/stream", "", "Authorization", "Bearer admin").StatusCode }
		if got := status(); got != 429 {
			t.Errorf("the third gets %d", got)
		}
		stream(t, address, "", "Authorization", asMember).hangUp()
		first.hangUp()
		wait.Until(t, 10*time.Second, "there is room again", func() bool {
			return stream(t, address, "").response.StatusCode == http.StatusOK
		})
	})
}

func TestEventStreamEndsWithTheCredential(t *testing.T) {
	t.Parallel()

	t.Run("that expires", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		address, _ := listen(t, w)
		stream(t, address, "", "Authorization", "Bearer brief").wantEnd(t)
	})

	t.Run("that is revoked", func(t *testing.T) {
		t.Parallel()
		var revoked atomic.Bool
		w, _ := withServer(t, func(c *rest.Config) {
			c.Reauthenticate = 5 * time.Millisecond
			c.Authenticate = func(r *http.Request) (domain.Actor, error) {
				if revoked.Load() {
					return domain.Actor{}, domain.Unauthenticated("revoked")
				}
				return authenticate(r)
			}
		})
		address, _ := listen(t, w)
		s := stream(t, address, "")
		revoked.Store(true)
		s.wantEnd(t)
	})

	t.Run("but not when it cannot be told right now; and a lost role counts at once", func(t *testing.T) {
		t.Parallel()
		var looks atomic.Int64
		var trouble, demoted atomic.Bool
		w, _ := withServer(t, func(c *rest.Config) {
			c.Reauthenticate = 5 * time.Millisecond
			c.Authenticate = func(r *http.Request) (domain.Actor, error) {
				defer looks.Add(1)
				if trouble.Load() {
					return domain.Actor{}, fmt.Errorf("disk I/O error")
				}
				actor, err := authenticate(r)
				if demoted.Load() {
					actor.Role = domain.RoleMember
				}
				return actor, err
			}
		})
		address, _ := listen(t, w)
		looked := func() {
			t.Helper()
			before := looks.Load()
			wait.Until(t, 10*time.Second, "it was looked again", func() bool { return looks.Load() > before+1 })
		}
		s := stream(t, address, "")
		trouble.Store(true)
		looked()
		trouble.Store(false)
		w.change(w.addTorrent(bare), func(t *domain.Torrent) { t.AssignUser(&otherID, time.Now()) })
		s.want(t, "ADDED CHANGED")
		demoted.Store(true)
		looked()
		other := w.otherTorrent()
		w.change(other, func(t *domain.Torrent) { _ = t.Rename("theirs", time.Now()) })
		mine := w.addTorrent(cosmos)
		if got := s.want(t, "ADDED"); got["torrent_id"] != mine {
			t.Errorf("told %v", got)
		}
	})
}

// otherTorrent returns the torrent of otherID.
func (w *world) otherTorrent() string {
	w.t.Helper()
	found, err := w.store.Torrents().Find(w.t.Context(), domain.TorrentFilter{UserID: &otherID}, domain.TorrentPage{})
	if err != nil || len(found) != 1 {
		w.t.Fatal(err, len(found))
	}
	return found[0].ID.String()
}

func TestEventStreamThatNobodyReadsIsDropped(t *testing.T) {
	t.Parallel()
	w, _ := withServer(t, func(c *rest.Config) { c.WriteTimeout = impatient })
	id := w.addTorrent(bare)
	for range 3000 {
		w.change(id, func(t *domain.Torrent) { _ = t.Rename(strings.Repeat("n", 200)+time.Now().String(), time.Now()) })
	}
	address, done := listen(t, w)
	conn := call(t, address, "GET /api/events/stream?after=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin\r\n\r\n")
	if line, err := bufio.NewReaderSize(conn, 16).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Fatal(line, err)
	}
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("the caller is still being waited for")
	}
}
