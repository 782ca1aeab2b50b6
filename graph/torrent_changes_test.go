package graph_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestUpdateTorrent(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	other := d.addServer(t)
	const mutation = `mutation($input: UpdateTorrentInput!) { updateTorrent(input: $input) { torrent ` + torrentFields + ` } }`
	type answer struct{ UpdateTorrent struct{ Torrent torrent } }
	update := func(t *testing.T, n int, input vars) torrent {
		t.Helper()
		input["id"] = d.addTorrent(t, alice, n).ID
		return into[answer](t, d.ask(t, admin, mutation, vars{"input": input})).UpdateTorrent.Torrent
	}

	for name, test := range map[string]struct {
		input vars
		holds func(torrent) bool
	}{
		"what is left out stays": {vars{}, func(t torrent) bool { return *t.Name == "torrent 1" && t.User != nil && t.MagnetURI == magnet(1) }},
		"another name":           {vars{"name": "new"}, func(t torrent) bool { return *t.Name == "new" }},
		"no name":                {vars{"name": nil}, func(t torrent) bool { return t.Name == nil }},
		"an empty name":          {vars{"name": " "}, func(t torrent) bool { return t.Name == nil }},
		"another server":         {vars{"serverId": other.ID}, func(t torrent) bool { return t.Server.ID == other.ID.String() }},
		"null for the server changes nothing": {vars{"serverId": nil, "magnetURI": nil}, func(t torrent) bool {
			return t.Server.ID != "" && t.MagnetURI == magnet(1)
		}},
		"nobody's":       {vars{"userId": nil}, func(t torrent) bool { return t.User == nil }},
		"another user's": {vars{"userId": d.actor(bob).UserID}, func(t torrent) bool { return *t.User.Name == "bob" }},
		"another magnet": {vars{"magnetURI": magnet(9)}, func(t torrent) bool { return t.MagnetURI == magnet(9) }},
		"completed by hand": {vars{"completedAt": "2026-01-02T03:04:05+01:00"}, func(t torrent) bool {
			return t.Status == "COMPLETED" && t.CompletedAt.Format(time.RFC3339Nano) == "2026-01-02T02:04:05Z"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := update(t, 1, test.input); !test.holds(got) {
				t.Errorf("got %+v", got)
			}
		})
	}

	t.Run("a member may not give a torrent away, nor touch another's", func(t *testing.T) {
		t.Parallel()
		mine := d.addTorrent(t, alice, 1).ID
		d.post(t, alice, mutation, vars{"input": vars{"id": mine, "userId": d.actor(bob).UserID}}).wantError(t, "FORBIDDEN", "")
		d.post(t, bob, mutation, vars{"input": vars{"id": mine, "name": "x"}}).wantError(t, "NOT_FOUND", "")
	})
	t.Run("a completion can be taken back", func(t *testing.T) {
		t.Parallel()
		done := d.addTorrent(t, alice, 5)
		d.ask(t, alice, mutation, vars{"input": vars{"id": done.ID, "completedAt": time.Now()}})
		got := into[answer](t, d.ask(t, alice, mutation, vars{"input": vars{"id": done.ID, "completedAt": nil}}))
		if got.UpdateTorrent.Torrent.CompletedAt != nil {
			t.Errorf("got %+v", got)
		}
	})
}

func TestRemoveAndMarkIncomplete(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	added := d.addTorrent(t, alice, 1)
	d.complete(t, added)

	const mark = `mutation($id: ID!) { markTorrentIncomplete(input: {id: $id}) { torrent { status completedAt hashString } } }`
	wantJSON(t, d.ask(t, alice, mark, vars{"id": added.ID}),
		`{"markTorrentIncomplete":{"torrent":{"status":"QUEUED","completedAt":null,"hashString":null}}}`)
	d.post(t, bob, mark, vars{"id": added.ID}).wantError(t, "NOT_FOUND", "")

	const remove = `mutation($id: ID!) { removeTorrent(input: {id: $id, deleteData: true}) { torrent { id server { address } } } }`
	for range 2 { // repeating it is harmless
		wantJSON(t, d.ask(t, alice, remove, vars{"id": added.ID}),
			`{"removeTorrent":{"torrent":{"id":`+strconv.Quote(added.ID.String())+`,"server":{"address":"localhost:9091"}}}}`)
	}
	for who, id := range map[string]uuid.UUID{bob: added.ID, alice: uuid.New()} {
		unknown := d.post(t, who, remove, vars{"id": id})
		unknown.wantError(t, "NOT_FOUND", "")
		if unknown.status != http.StatusOK {
			t.Errorf("HTTP %d", unknown.status)
		}
	}
}
