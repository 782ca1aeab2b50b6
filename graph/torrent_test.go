package graph_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

const torrentFields = `{
  id localNode magnetURI hashString name status completedAt createdAt updatedAt
  server { id address } user { id name role }
  problem { code message since attempts retryAt }
}`

type torrent struct {
	ID, LocalNode, MagnetURI, Status string
	HashString, Name                 *string
	CompletedAt                      *time.Time
	CreatedAt, UpdatedAt             time.Time
	Server                           struct{ ID, Address string }
	User                             *struct {
		ID         string
		Name, Role *string
	}
	Problem *struct {
		Code, Message string
		Attempts      int
	}
	Progress *struct {
		Phase        string
		FractionDone float64
		BytesWanted  int64
		BytesLeft    int64
		Eta, Ratio   *float64
		LocalError   *string
	}
}

type torrentList struct {
	Torrents struct {
		Nodes    []torrent
		Edges    []struct{ Cursor string }
		PageInfo struct {
			HasNextPage, HasPreviousPage bool
			StartCursor, EndCursor       *string
		}
	}
}

func TestAddTorrent(t *testing.T) {
	t.Parallel()
	const mutation = `mutation($input: AddTorrentInput!) { addTorrent(input: $input) { torrent ` + torrentFields + ` } }`
	type answer struct{ AddTorrent struct{ Torrent torrent } }

	t.Run("what is added is queued, and its adder's", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		server := d.addServer(t)
		got := into[answer](t, d.ask(t, alice, mutation, vars{"input": vars{"magnetURI": magnet(1)}})).AddTorrent.Torrent
		if got.Status != "QUEUED" || got.MagnetURI != magnet(1) || *got.Name != "torrent 1" || got.LocalNode != node {
			t.Errorf("got %+v", got)
		}
		if got.HashString != nil || got.CompletedAt != nil || got.Problem != nil {
			t.Errorf("there is something where there is nothing yet: %+v", got)
		}
		if got.Server.ID != server.ID.String() || got.User.ID != d.actor(alice).UserID.String() || *got.User.Name != "alice" {
			t.Errorf("got server %+v and user %+v", got.Server, got.User)
		}
	})

	t.Run("without a name there is null, not an empty text", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		d.addServer(t)
		input := vars{"magnetURI": "magnet:?xt=urn:btih:" + hash(1), "serverId": nil}
		got := into[answer](t, d.ask(t, guest, mutation, vars{"input": input})).AddTorrent.Torrent
		if got.Name != nil {
			t.Errorf("name is %q", *got.Name)
		}
		if got.User == nil || got.User.Name != nil || got.User.Role != nil {
			t.Errorf("a user of the host alone is %+v, want an id only", got.User)
		}
	})

	t.Run("all that is wrong is told at once, each with its field", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		got := d.post(t, alice, mutation, vars{"input": vars{"magnetURI": "http://x", "serverId": uuid.New()}})
		if len(got.Errors) != 2 || got.Errors[0].Extensions.Field != "magnetURI" || got.Errors[1].Extensions.Field != "serverId" {
			t.Errorf("got %+v", got.Errors)
		}
		for _, err := range got.Errors {
			if err.Extensions.Code != "INVALID" || fmt.Sprint(err.Path) != "[addTorrent]" {
				t.Errorf("got %+v", err)
			}
		}
	})
}

func TestTorrent(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	added := d.addTorrent(t, alice, 1)
	const query = `query($id: ID!) { torrent(id: $id) ` + torrentFields + ` }`
	type answer struct{ Torrent *torrent }

	for _, who := range []string{alice, admin} {
		got := into[answer](t, d.ask(t, who, query, vars{"id": added.ID}))
		if got.Torrent == nil || got.Torrent.ID != added.ID.String() || !got.Torrent.CreatedAt.Equal(added.CreatedAt) {
			t.Errorf("%s got %+v", who, got.Torrent)
		}
	}
	t.Run("somebody else's is not there", func(t *testing.T) {
		t.Parallel()
		got := d.post(t, bob, query, vars{"id": added.ID})
		got.wantError(t, "NOT_FOUND", "")
		wantJSON(t, got.Data, `{"torrent":null}`)
	})
	t.Run("one field's error does not take the others' data away", func(t *testing.T) {
		t.Parallel()
		got := d.post(t, alice, `query($id: ID!) { torrent(id: $id) { id } viewer { name } }`, vars{"id": uuid.New()})
		got.wantError(t, "NOT_FOUND", "")
		wantJSON(t, got.Data, `{"torrent":null,"viewer":{"name":"alice"}}`)
	})
}

func TestTorrents(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	server := d.addServer(t)
	var all []*domain.Torrent
	for i := range 7 {
		all = append(all, d.addTorrent(t, []string{alice, bob}[i%2], i+1))
	}
	d.complete(t, all[0])
	const query = `query($first: Int! = 50, $after: String, $filter: TorrentFilter) {
	  torrents(first: $first, after: $after, filter: $filter) {
	    nodes { id name server { id } user { name } } edges { cursor node { id server { id } } }
	    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
	  }
	}`

	t.Run("pages follow one another, newest first", func(t *testing.T) {
		t.Parallel()
		var names []string
		variables := vars{"first": 3}
		for {
			page := into[torrentList](t, d.ask(t, admin, query, variables)).Torrents
			for _, node := range page.Nodes {
				names = append(names, *node.Name)
			}
			if page.PageInfo.HasPreviousPage != (variables["after"] != nil) || *page.PageInfo.StartCursor != page.Edges[0].Cursor {
				t.Errorf("page info %+v", page.PageInfo)
			}
			if !page.PageInfo.HasNextPage {
				break
			}
			variables["after"] = *page.PageInfo.EndCursor
		}
		if got, want := fmt.Sprint(names), "[torrent 7 torrent 6 torrent 5 torrent 4 torrent 3 torrent 2 torrent 1]"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})

	for name, test := range map[string]struct {
		who    string
		filter vars
		want   int
	}{
		"a member sees their own":        {alice, vars{}, 4},
		"an administrator sees all":      {admin, vars{}, 7},
		"by status":                      {admin, vars{"status": "COMPLETED"}, 1},
		"by server":                      {admin, vars{"serverId": server.ID}, 7},
		"by another server":              {admin, vars{"serverId": uuid.New()}, 0},
		"by user":                        {admin, vars{"userId": d.actor(bob).UserID}, 3},
		"by user, of another member":     {alice, vars{"userId": d.actor(bob).UserID}, 0},
		"by problem":                     {admin, vars{"hasProblem": true}, 0},
		"without problem":                {admin, vars{"hasProblem": false, "status": nil}, 7},
		"by several":                     {bob, vars{"status": "DOWNLOADING", "hasProblem": false}, 3},
		"a filter that is null filters…": {bob, nil, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			variables := vars{}
			if test.filter != nil {
				variables["filter"] = test.filter
			}
			page := into[torrentList](t, d.ask(t, test.who, query, variables)).Torrents
			if len(page.Nodes) != test.want || len(page.Edges) != test.want {
				t.Errorf("got %d torrents, want %d", len(page.Nodes), test.want)
			}
			if test.want == 0 && (page.PageInfo.EndCursor != nil || page.PageInfo.HasNextPage) {
				t.Errorf("an empty page says %+v", page.PageInfo)
			}
		})
	}
}

func TestTorrentsStatements(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	for i := range 60 {
		d.addTorrent(t, alice, i+1)
	}
	d.check(t)
	d.store.ResetCalls()
	d.ask(t, admin, `{ torrents { nodes { id server { id } user { id } } } }`, nil)
	for call, want := range map[string]int{"TorrentRepository.Find": 1, "ServerRepository.Find": 1, "UserRepository.Find": 1} {
		if got := d.store.Calls()[call]; got != want {
			t.Errorf("%s was called %d times, want %d", call, got, want)
		}
	}
}
