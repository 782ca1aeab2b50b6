package graph_test

import (
	"strconv"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func TestLabelsAndLimitsOfServers(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	const (
		add    = `mutation($input: AddTorrentServerInput!) { addTorrentServer(input: $input) { torrentServer { id labels maxActive } } }`
		update = `mutation($input: UpdateTorrentServerInput!) { updateTorrentServer(input: $input) { torrentServer { labels maxActive } } }`
	)
	type added struct {
		AddTorrentServer struct {
			TorrentServer struct {
				ID        string
				Labels    []string
				MaxActive int
			}
		}
	}
	got := into[added](t, d.ask(t, admin, add, vars{"input": vars{"address": "a:1", "type": "Memory"}})).AddTorrentServer.TorrentServer
	if got.Labels == nil || len(got.Labels) > 0 || got.MaxActive != 0 {
		t.Fatalf("got %+v", got)
	}
	for _, step := range []struct {
		input vars
		want  string
	}{
		{vars{"labels": []string{" tv", "Films", "TV"}, "maxActive": 3}, `{"labels":["tv","Films"],"maxActive":3}`},
		{vars{"address": "b:1"}, `{"labels":["tv","Films"],"maxActive":3}`},
		{vars{"labels": nil, "maxActive": nil}, `{"labels":["tv","Films"],"maxActive":3}`},
		{vars{"labels": []string{}}, `{"labels":[],"maxActive":3}`},
		{vars{"maxActive": 0}, `{"labels":[],"maxActive":0}`},
	} {
		step.input["id"] = got.ID
		wantJSON(t, d.ask(t, admin, update, vars{"input": step.input}), `{"updateTorrentServer":{"torrentServer":`+step.want+`}}`)
	}
	d.post(t, admin, update, vars{"input": vars{"id": got.ID, "labels": []string{""}}}).wantError(t, "INVALID", "labels")
	d.post(t, admin, update, vars{"input": vars{"id": got.ID, "maxActive": -1}}).wantError(t, "INVALID", "maxActive")
	d.post(t, admin, add, vars{"input": vars{"address": "a:1", "type": "Memory", "maxActive": 2_000_000}}).wantError(t, "INVALID", "maxActive")
	d.post(t, alice, update, vars{"input": vars{"id": got.ID, "maxActive": 1}}).wantError(t, "FORBIDDEN", "")
}

func TestContentThatAnotherServerHas(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	a, b := d.addServer(t), d.addServer(t)
	const add = `mutation($input: AddTorrentInput!) { addTorrent(input: $input) { torrent { server { id } } } }`
	goes := func(token string, input vars, server *domain.Server) {
		t.Helper()
		wantJSON(t, d.ask(t, token, add, vars{"input": input}),
			`{"addTorrent":{"torrent":{"server":{"id":`+strconv.Quote(server.ID.String())+`}}}}`)
	}
	goes(alice, vars{"magnetURI": magnet(1), "serverId": b.ID}, b)
	goes(bob, vars{"magnetURI": magnet(1)}, b)
	goes(bob, vars{"magnetURI": magnet(1), "serverId": a.ID, "ifHeldElsewhere": "JOIN"}, b)
	d.post(t, bob, add, vars{"input": vars{"magnetURI": magnet(1), "ifHeldElsewhere": "REFUSE"}}).wantError(t, "CONFLICT", "ifHeldElsewhere")
	d.post(t, bob, add, vars{"input": vars{"magnetURI": magnet(1), "ifHeldElsewhere": "GUESS"}}).wantError(t, "INVALID", "ifHeldElsewhere")
	goes(bob, vars{"magnetURI": magnet(1), "serverId": a.ID}, a)
	goes(bob, vars{"magnetURI": magnet(2), "serverId": a.ID, "ifHeldElsewhere": "REFUSE"}, a)

	t.Run("in bulk, each on its own", func(t *testing.T) {
		t.Parallel()
		got := d.bulk(t, alice, "addTorrents", vars{"torrents": []vars{
			{"magnetURI": magnet(7), "serverId": a.ID},
			{"magnetURI": magnet(7), "serverId": b.ID, "ifHeldElsewhere": "JOIN"},
			{"magnetURI": magnet(7), "ifHeldElsewhere": "REFUSE"},
			{"magnetURI": uuid.NewString()},
		}})
		if got.Succeeded != 2 || got.Failed != 2 || !got.Results[2].Error.is("CONFLICT", "ifHeldElsewhere") ||
			got.Results[1].Torrent.Server.ID != a.ID.String() {
			t.Errorf("got %+v", got)
		}
	})
}
