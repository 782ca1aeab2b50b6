package graph_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const watch = `subscription($after: ID) { torrentCompleted(after: $after) {
  cursor torrentId name hashString completedAt torrent { id name server { id } user { name } progress { phase } }
} }`

type completion struct {
	Cursor, TorrentID string
	Name, HashString  *string
	CompletedAt       time.Time
	Torrent           *torrent
}

type completed struct{ TorrentCompleted completion }

type completionList struct {
	Completions struct {
		Nodes    []completion
		Edges    []struct{ Cursor string }
		PageInfo struct {
			HasNextPage bool
			EndCursor   *string
		}
	}
}

func TestCompletions(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	for i := range 5 {
		d.complete(t, d.addTorrent(t, []string{alice, bob}[i%2], i+1))
	}
	const query = `query($first: Int! = 50, $after: ID) { completions(first: $first, after: $after) {
	  nodes { cursor torrentId name hashString completedAt torrent { name server { id } user { name } } }
	  edges { cursor } pageInfo { hasNextPage endCursor }
	} }`

	t.Run("pages follow one another, oldest first", func(t *testing.T) {
		t.Parallel()
		var names []string
		for variables := (vars{"first": 2}); ; {
			page := into[completionList](t, d.ask(t, admin, query, variables)).Completions
			for i, node := range page.Nodes {
				names = append(names, *node.Name)
				if node.Cursor != page.Edges[i].Cursor || node.Torrent == nil || node.HashString == nil {
					t.Errorf("got %+v", node)
				}
			}
			if !page.PageInfo.HasNextPage {
				break
			}
			variables["after"] = *page.PageInfo.EndCursor
		}
		if got, want := fmt.Sprint(names), "[torrent 1 torrent 2 torrent 3 torrent 4 torrent 5]"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("a member sees their own", func(t *testing.T) {
		t.Parallel()
		if got := into[completionList](t, d.ask(t, bob, query, nil)).Completions.Nodes; len(got) != 2 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("the torrents of a page are one question", func(t *testing.T) {
		t.Parallel()
		own := openDoor(t)
		own.addServer(t)
		for i := range 9 {
			own.complete(t, own.addTorrent(t, alice, i+1))
		}
		own.store.ResetCalls()
		own.ask(t, alice, `{ completions { nodes { torrent { id } } } }`, nil)
		if got := own.store.Calls()["TorrentRepository.Find"]; got != 1 {
			t.Errorf("%d questions", got)
		}
	})
	t.Run("a removed torrent is null and its completion stays", func(t *testing.T) {
		t.Parallel()
		own := openDoor(t)
		own.addServer(t)
		gone := own.addTorrent(t, alice, 1)
		own.complete(t, gone)
		if _, err := own.torrents.Remove(t.Context(), domain.System(), gone.ID, false); err != nil {
			t.Fatal(err)
		}
		got := into[completionList](t, own.ask(t, alice, query, nil)).Completions.Nodes
		if len(got) != 1 || got[0].Torrent != nil || got[0].TorrentID != gone.ID.String() {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("behind where the log was cut off, a cursor is refused with one that is good, and none means that one", func(t *testing.T) {
		t.Parallel()
		own := openDoor(t)
		own.addServer(t)
		own.complete(t, own.addTorrent(t, alice, 1))
		own.complete(t, own.addTorrent(t, alice, 2))
		if _, err := own.config.Events.Prune(t.Context(), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		refused := own.post(t, alice, query, vars{"after": "1"})
		refused.wantError(t, "CURSOR_EXPIRED", "after")
		for _, variables := range []vars{nil, {"after": refused.Errors[0].Extensions.OldestCursor}} {
			got := into[completionList](t, own.ask(t, alice, query, variables)).Completions.Nodes
			if len(got) != 1 || *got[0].Name != "torrent 2" {
				t.Errorf("with %v got %+v", variables, got)
			}
		}
	})
}

// streams follow torrentCompleted by either transport.
var streams = map[string]func(t *testing.T, d *door, token string, after any) (next func(t *testing.T) completion, hangUp func()){
	"over a websocket": func(t *testing.T, d *door, token string, after any) (func(*testing.T) completion, func()) {
		t.Helper()
		c := d.connect(t, token)
		c.subscribe(t, "1", watch, vars{"after": after})
		return func(t *testing.T) completion {
			t.Helper()
			return into[completed](t, c.next(t, "1")).TorrentCompleted
		}, func() { _ = c.conn.CloseNow() }
	},
	"over SSE": func(t *testing.T, d *door, token string, after any) (func(*testing.T) completion, func()) {
		t.Helper()
		s := d.stream(t, token, watch, vars{"after": after})
		return func(t *testing.T) completion {
			t.Helper()
			return into[completed](t, s.next(t)).TorrentCompleted
		}, s.hangUp
	},
}

func TestTorrentCompleted(t *testing.T) {
	t.Parallel()
	for name, open := range streams {
		t.Run(name+" past and coming completions are told once and in order", func(t *testing.T) {
			t.Parallel()
			d := openDoor(t)
			server := d.addServer(t)
			d.complete(t, d.addTorrent(t, alice, 1))
			next, _ := open(t, d, alice, "0")
			got := next(t)
			if *got.Name != "torrent 1" || *got.HashString != hash(1) || got.Torrent.Server.ID != server.ID.String() ||
				*got.Torrent.User.Name != "alice" || got.Torrent.Progress.Phase != "SEEDING" {
				t.Errorf("got %+v", got)
			}
			d.complete(t, d.addTorrent(t, bob, 2))
			d.complete(t, d.addTorrent(t, alice, 3))
			if got := next(t); *got.Name != "torrent 3" {
				t.Errorf("got %+v", got)
			}
		})
		t.Run(name+" whoever comes back with their cursor misses nothing", func(t *testing.T) {
			t.Parallel()
			d := openDoor(t)
			d.addServer(t)
			for i := range 3 {
				d.complete(t, d.addTorrent(t, alice, i+1))
			}
			next, hangUp := open(t, d, alice, "0")
			last := next(t)
			hangUp()
			d.complete(t, d.addTorrent(t, alice, 4))
			next, _ = open(t, d, alice, last.Cursor)
			for _, want := range []string{"torrent 2", "torrent 3", "torrent 4"} {
				if got := next(t); *got.Name != want {
					t.Errorf("got %s, want %s", *got.Name, want)
				}
			}
		})
		t.Run(name+" each event loads its torrent anew", func(t *testing.T) {
			t.Parallel()
			d := openDoor(t)
			d.addServer(t)
			again := d.addTorrent(t, alice, 1)
			d.complete(t, again)
			next, _ := open(t, d, alice, "0")
			if got := next(t); *got.Torrent.Name != "torrent 1" {
				t.Errorf("got %+v", got)
			}
			d.ask(t, alice, `mutation($id: ID!) { markTorrentIncomplete(input: {id: $id}) { torrent { id } }
			  updateTorrent(input: {id: $id, name: "renamed"}) { torrent { id } } }`, vars{"id": again.ID})
			d.complete(t, again)
			if got := next(t); *got.Torrent.Name != "renamed" {
				t.Errorf("got %+v", got.Torrent)
			}
		})
	}
}
