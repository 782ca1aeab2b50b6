package rest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/rest"
	"github.com/clarion-app/download-manager/domain"
)

const asMember = "Bearer member"

// eventPage is an answer to GET /events.
type eventPage struct {
	Events []map[string]any
	Next   string
	More   bool
}

func (w *world) eventsAfter(query string, headers ...string) (page eventPage) {
	w.t.Helper()
	w.do("GET", "/events?"+query, "", headers...).want(200).decode(&page)
	return page
}

// told are the types of events, in order.
func told(events []map[string]any) string {
	var types []string
	for _, event := range events {
		types = append(types, event["type"].(string))
	}
	return strings.Join(types, " ")
}

// life takes a torrent through all that can happen to it.
func (w *world) life(headers ...string) (id string) {
	w.t.Helper()
	id = w.addTorrent(bare, headers...)
	w.accept(id)
	w.change(id, func(t *domain.Torrent) {
		report := domain.Report{Transfers: map[domain.InfoHash]domain.Transfer{t.InfoHash(): {
			InfoHash: t.InfoHash(), Phase: domain.PhaseDownloading, MetadataKnown: true, BytesWanted: 9, BytesLeft: 3, LocalError: "disk full",
		}}}
		t.Observe(domain.Server{ID: t.ServerID}, report, rest.Whole)
		transfer := report.Transfers[t.InfoHash()]
		transfer.LocalError, transfer.BytesLeft = "", 0
		report.Transfers[t.InfoHash()] = transfer
		t.Observe(domain.Server{ID: t.ServerID}, report, rest.Whole)
	})
	w.do("PATCH", "/torrents/"+id+"/mark-incomplete", "", headers...).want(200)
	w.do("DELETE", "/torrents/"+id, "", headers...).want(204)
	return id
}

const wholeLife = "ADDED CHANGED PROBLEM_RAISED PROBLEM_CLEARED COMPLETED MARKED_INCOMPLETE REMOVED"

// change alters a stored torrent.
func (w *world) change(id string, change func(*domain.Torrent)) {
	w.t.Helper()
	_, err := w.store.Torrents().Update(w.t.Context(), []uuid.UUID{uuid.MustParse(id)}, nil, func(t *domain.Torrent) error {
		change(t)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()

	t.Run("everything that happened is listed, in documented form", func(t *testing.T) {
		t.Parallel()
		w, server := withServer(t)
		id := w.life()
		page := w.eventsAfter("")
		if got := told(page.Events); got != wholeLife || page.More || page.Next != fmt.Sprint(len(page.Events)) {
			t.Fatalf("told %s, %+v", got, page)
		}
		done := page.Events[4]
		for name, want := range map[string]any{
			"cursor": "5", "type": "COMPLETED", "torrent_id": id, "server_id": server, "user_id": adminID.String(), "name": bareHash,
			"hash_string": bareHash, "completed_at": "2025-06-20 10:30:00", "problem": nil, "at": "2025-06-20 10:30:00",
		} {
			if got, there := done[name]; got != want || !there {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
		if len(done) != 10 || page.Events[2]["problem"] != "disk full" || page.Events[2]["completed_at"] != nil {
			t.Errorf("got %v and %v", done, page.Events[2])
		}
	})

	t.Run("pages follow one another, and the end can be gone on from", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		w.life()
		var all []map[string]any
		page := eventPage{Next: "0", More: true}
		for page.More {
			page = w.eventsAfter("limit=2&after=" + page.Next)
			all = append(all, page.Events...)
		}
		if got := told(all); got != wholeLife {
			t.Errorf("told %s", got)
		}
		end := w.eventsAfter("after=" + page.Next)
		if len(end.Events) > 0 || end.More || end.Next != page.Next {
			t.Errorf("at the end: %+v", end)
		}
		// What does not fit is not looked through again.
		if got := w.eventsAfter("after=1&type=ADDED"); len(got.Events) > 0 || got.Next != page.Next {
			t.Errorf("got %+v", got)
		}
		w.life()
		if got := w.eventsAfter("after=" + end.Next); told(got.Events) != wholeLife {
			t.Errorf("got %+v", got)
		}
	})

	t.Run("types narrow it, and members hear of their own", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		w.life()
		own := w.life("Authorization", asMember)
		if got := told(w.eventsAfter("type=COMPLETED&type=REMOVED").Events); got != "COMPLETED REMOVED COMPLETED REMOVED" {
			t.Errorf("told %s", got)
		}
		page := w.eventsAfter("", "Authorization", asMember)
		if told(page.Events) != wholeLife || page.Events[0]["torrent_id"] != own {
			t.Errorf("got %+v", page)
		}
	})

	t.Run("what is wrong with a parameter is told", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		for query, field := range map[string]string{
			"after=x": "after", "after=-1": "after", "after=1.5": "after", "limit=0": "limit", "limit=1001": "limit", "limit=many": "limit",
			"wait=31": "wait", "wait=-1": "wait", "wait=1s": "wait", "type=DONE": "type", "type=": "type", "type=completed": "type",
			"consumer=": "consumer", "consumer=" + strings.Repeat("x", 256): "consumer", "after=1&consumer=a": "consumer",
			strings.Repeat("type=ADDED&", 8): "types",
		} {
			for _, path := range []string{"/events?", "/events/stream?"} {
				w.do("GET", path+query, "").wantErrors(field)
			}
		}
		w.do("GET", "/events/stream", "", "Last-Event-ID", "x").wantErrors("last_event_id")
	})

	t.Run("a cursor that the log no longer reaches is gone, with one that is good", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		w.life()
		w.prune()
		for _, path := range []string{"/events?after=2", "/events/stream?after=2"} {
			row := w.do("GET", path, "").want(410).row()
			if row["oldest_cursor"] != "6" || row["message"] == "" || len(row) != 2 {
				t.Errorf("%s: %v", path, row)
			}
		}
		for _, query := range []string{"after=6", ""} {
			if got := told(w.eventsAfter(query).Events); got != "REMOVED" {
				t.Errorf("%q: told %s", query, got)
			}
		}
	})

	t.Run("who waits is told as soon as something happens, or that nothing has", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		pages := make(chan eventPage, 1)
		go func() { pages <- w.eventsAfter("after=0&wait=30&type=COMPLETED") }()
		w.life()
		select {
		case page := <-pages:
			if told(page.Events) != "COMPLETED" {
				t.Errorf("got %+v", page)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("it waits still")
		}
		begun := time.Now()
		if got := w.eventsAfter("wait=1&after=7"); len(got.Events) > 0 || got.Next != "7" || time.Since(begun) < time.Second {
			t.Errorf("after %s got %+v", time.Since(begun), got)
		}
	})
}

func TestEventConsumers(t *testing.T) {
	t.Parallel()
	w, _ := withServer(t)
	w.life()
	path := "/events/consumers/" + url.PathEscape("my back up")
	query := "consumer=" + url.QueryEscape("my back up")
	if got := w.eventsAfter(query); len(got.Events) > 0 || got.Next != "7" {
		t.Errorf("a new one got %+v", got)
	}
	w.life()
	for range 2 { // which does not acknowledge anything
		if got := w.eventsAfter(query); told(got.Events) != wholeLife {
			t.Errorf("got %+v", got)
		}
	}
	for _, step := range []struct{ body, want string }{{`{"cursor":"12"}`, "12"}, {`{"cursor":12}`, "12"}, {`{"cursor":"3"}`, "12"}} {
		row := w.do("PUT", path, step.body).want(200).row()
		if row["cursor"] != step.want || row["name"] != "my back up" || row["created_at"] == nil || row["updated_at"] == nil {
			t.Errorf("%s: got %v", step.body, row)
		}
	}
	if got := w.eventsAfter(query); told(got.Events) != "MARKED_INCOMPLETE REMOVED" {
		t.Errorf("got %+v", got)
	}
	if got := w.eventsAfter(query, "Authorization", asMember); len(got.Events) > 0 {
		t.Errorf("another user's of that name got %+v", got)
	}
	for _, body := range []string{`{}`, `{"cursor":null}`, `{"cursor":"x"}`, `{"cursor":[1]}`, `{"cursor":1.5}`, `{"cursor":"15"}`, `{`} {
		w.do("PUT", path, body).wantErrors("cursor")
	}
	w.do("PUT", "/events/consumers/"+strings.Repeat("x", 256), `{"cursor":"1"}`).wantErrors("consumer")
	w.do("PUT", "/events/consumers/%20", `{"cursor":"1"}`).wantErrors("consumer")
}
