package graph_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

const watchAll = `subscription($after: ID, $consumer: String, $filter: TorrentEventFilter) {
  torrentChanged(after: $after, consumer: $consumer, filter: $filter) {
    cursor type torrentId serverId server { id } name hashString completedAt problem at torrent { id name status }
  }
}`

const listEvents = `query($first: Int! = 50, $after: ID, $filter: TorrentEventFilter) {
  torrentEvents(first: $first, after: $after, filter: $filter) {
    nodes { cursor type torrentId serverId server { id } name hashString completedAt problem at torrent { id name status } }
    edges { cursor node { cursor } } pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}`

type torrentEvent struct {
	Cursor, Type, TorrentID, ServerID string
	Server                            struct{ ID string }
	Name, HashString, Problem         *string
	CompletedAt                       *time.Time
	At                                time.Time
	Torrent                           *torrent
}

type eventList struct {
	TorrentEvents struct {
		Nodes    []torrentEvent
		Edges    []struct{ Cursor string }
		PageInfo struct {
			HasNextPage, HasPreviousPage bool
			EndCursor                    *string
		}
	}
}

// carriers run a subscription, by either transport, and return what gives its answers.
var carriers = map[string]func(t *testing.T, d *door, token, query string, variables vars) func(*testing.T) json.RawMessage{
	"over a websocket": func(t *testing.T, d *door, token, query string, variables vars) func(*testing.T) json.RawMessage {
		t.Helper()
		c := d.connect(t, token)
		c.subscribe(t, "1", query, variables)
		return func(t *testing.T) json.RawMessage { t.Helper(); return c.next(t, "1") }
	},
	"over SSE": func(t *testing.T, d *door, token, query string, variables vars) func(*testing.T) json.RawMessage {
		t.Helper()
		s := d.stream(t, token, query, variables)
		return s.next
	},
}

// life takes a torrent through all that can happen to it, and returns it and the names
// of what did.
func (d *door) life(t *testing.T, token string, n int) (*domain.Torrent, []string) {
	t.Helper()
	torrent := d.addTorrent(t, token, n)
	d.check(t)
	d.clients.Daemon(torrent.ServerID).Break(torrent.InfoHash(), "disk full")
	d.check(t)
	d.clients.Daemon(torrent.ServerID).Break(torrent.InfoHash(), "")
	d.complete(t, torrent)
	d.ask(t, token, `mutation($id: ID!) { markTorrentIncomplete(input: {id: $id}) { torrent { id } }
	  updateTorrent(input: {id: $id, name: "renamed"}) { torrent { id } }
	  removeTorrent(input: {id: $id}) { torrent { id } } }`, vars{"id": torrent.ID})
	return torrent, []string{
		"ADDED", "CHANGED", "PROBLEM_RAISED", "PROBLEM_CLEARED", "COMPLETED", "MARKED_INCOMPLETE", "CHANGED", "REMOVED",
	}
}

func TestTorrentChanged(t *testing.T) {
	t.Parallel()
	for name, open := range carriers {
		changed := func(t *testing.T, next func(*testing.T) json.RawMessage) torrentEvent {
			t.Helper()
			return into[struct{ TorrentChanged torrentEvent }](t, next(t)).TorrentChanged
		}
		t.Run(name+" everything that happens is told, once and in order, live and again", func(t *testing.T) {
			t.Parallel()
			d := openDoor(t)
			server := d.addServer(t)
			first := d.addTorrent(t, alice, 1)
			live := open(t, d, alice, watchAll, vars{"after": "0"})
			if got := changed(t, live); got.Type != "ADDED" || got.TorrentID != first.ID.String() {
				t.Fatalf("got %+v", got) // it follows now
			}
			d.addTorrent(t, bob, 2)
			torrent, want := d.life(t, alice, 3)
			again := open(t, d, alice, watchAll, vars{
				"after": "0", "filter": vars{"torrentIds": []uuid.UUID{torrent.ID}, "serverId": server.ID},
			})
			var told []torrentEvent
			for len(told) < len(want) {
				got := changed(t, live)
				if got.TorrentID != first.ID.String() { // which the checks hand over, too
					told = append(told, got)
				}
			}
			for i, got := range told {
				if repeated := changed(t, again); repeated.Cursor != got.Cursor || repeated.Type != got.Type || repeated.Torrent != nil {
					t.Errorf("told %+v at first and then %+v", got, repeated)
				}
				if got.Type != want[i] || got.TorrentID != torrent.ID.String() || got.ServerID != server.ID.String() ||
					got.Server.ID != got.ServerID || got.At.IsZero() || got.Name == nil {
					t.Errorf("event %d, want %s: got %+v", i, want[i], got)
				}
				if (got.CompletedAt != nil) != (got.Type == "COMPLETED") || (got.Problem != nil) != (got.Type == "PROBLEM_RAISED") {
					t.Errorf("got %+v", got)
				}
				if known := i > 0 && i < 5; known != (got.HashString != nil) || known && *got.HashString != hash(3) {
					t.Errorf("got %+v", got)
				}
			}
			if got := told[2]; *got.Problem != "disk full" {
				t.Errorf("got %s", *got.Problem)
			}
			if last := told[len(told)-1]; last.Torrent != nil || *last.Name != "renamed" {
				t.Errorf("got %+v", last)
			}
		})
		t.Run(name+" a filter lets through what it says", func(t *testing.T) {
			t.Parallel()
			d := openDoor(t)
			d.addServer(t)
			next := open(t, d, admin, watchAll, vars{"after": "0", "filter": vars{
				"types": []string{"COMPLETED", "REMOVED"}, "userId": d.actor(bob).UserID,
			}})
			d.life(t, alice, 1)
			torrent, _ := d.life(t, bob, 2)
			for _, want := range []string{"COMPLETED", "REMOVED"} {
				if got := changed(t, next); got.Type != want || got.TorrentID != torrent.ID.String() {
					t.Errorf("want %s, got %+v", want, got)
				}
			}
		})
		t.Run(name+" a member who asks for another's hears nothing of it", func(t *testing.T) {
			t.Parallel()
			d := openDoor(t)
			d.addServer(t)
			d.life(t, bob, 1)
			next := open(t, d, alice, watchAll, vars{"after": "0"})
			d.addTorrent(t, alice, 2)
			if got := changed(t, next); *got.Name != "torrent 2" {
				t.Errorf("got %+v", got)
			}
			got := into[eventList](t, d.ask(t, alice, listEvents, vars{"filter": vars{"userId": d.actor(bob).UserID}}))
			if len(got.TorrentEvents.Nodes) > 0 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestTorrentEvents(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	torrent, want := d.life(t, alice, 1)
	d.life(t, bob, 2)

	t.Run("pages follow one another, oldest first", func(t *testing.T) {
		t.Parallel()
		var types []string
		for variables := (vars{"first": 3}); ; {
			page := into[eventList](t, d.ask(t, alice, listEvents, variables)).TorrentEvents
			for i, node := range page.Nodes {
				types = append(types, node.Type)
				if node.Cursor != page.Edges[i].Cursor || node.TorrentID != torrent.ID.String() || node.Server.ID == "" {
					t.Errorf("got %+v", node)
				}
			}
			if page.PageInfo.HasPreviousPage != (variables["after"] != nil) {
				t.Errorf("got %+v", page.PageInfo)
			}
			if !page.PageInfo.HasNextPage {
				break
			}
			variables["after"] = *page.PageInfo.EndCursor
		}
		if fmt.Sprint(types) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", types, want)
		}
	})
	t.Run("completions can be filtered, too", func(t *testing.T) {
		t.Parallel()
		got := into[completionList](t, d.ask(t, admin, `query($filter: EventFilter) {
		  completions(filter: $filter) { nodes { cursor torrentId name hashString completedAt } } }`,
			vars{"filter": vars{"torrentIds": []uuid.UUID{torrent.ID}}})).Completions.Nodes
		if len(got) != 1 || got[0].TorrentID != torrent.ID.String() {
			t.Errorf("got %+v", got)
		}
	})
	tooMany := make([]uuid.UUID, domain.MostFilterIDs+1)
	for name, bad := range map[string]struct {
		variables vars
		field     string
	}{
		"no types at all":       {vars{"filter": vars{"types": []string{}}}, "types"},
		"an unknown type":       {vars{"filter": vars{"types": []string{"EXPLODED"}}}, "types"},
		"too many torrents":     {vars{"filter": vars{"torrentIds": tooMany}}, "torrentIds"},
		"no id":                 {vars{"filter": vars{"serverId": "5"}}, "serverId"},
		"a page of nothing":     {vars{"first": 0}, "first"},
		"no cursor of this API": {vars{"after": "soon"}, "after"},
	} {
		t.Run("refused is "+name, func(t *testing.T) {
			t.Parallel()
			got := d.post(t, alice, listEvents, bad.variables)
			if len(got.Errors) != 1 || got.Errors[0].Extensions.Code != "INVALID" || len(got.Errors[0].Extensions.Field) == 0 {
				t.Fatalf("got %+v", got.Errors)
			}
			if bad.field != "types" || name == "no types at all" { // the executor names the place in the list
				got.wantError(t, "INVALID", bad.field)
			}
			if _, paged := bad.variables["first"]; !paged {
				if got := wayBy(t, "SSE").ask(t, d, alice, watchAll, bad.variables); len(got.Errors) != 1 || got.Errors[0].Extensions.Code != "INVALID" {
					t.Errorf("got %+v", got)
				}
			}
		})
	}
}
