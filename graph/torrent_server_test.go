package graph_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

type server struct {
	ID, LocalNode, Address, Type, OnComplete string
	Health                                   struct {
		Reachable  bool
		LastSeenAt *string
		Problem    *struct{ Code, Message string }
	}
	Torrents struct{ Nodes []torrent }
}

const serverFields = `{ id localNode address type onComplete health { reachable lastSeenAt problem { code message } } createdAt updatedAt }`

func TestTorrentServers(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	first := d.addServer(t)
	d.addTorrent(t, alice, 1)
	d.addTorrent(t, bob, 2)

	t.Run("everybody may look, and sees their own torrents there", func(t *testing.T) {
		t.Parallel()
		type answer struct{ TorrentServers []server }
		got := into[answer](t, d.ask(t, alice, `{ torrentServers { id localNode address type onComplete torrents(first: 10) { nodes { name } } } }`, nil)).TorrentServers
		if len(got) != 1 || got[0].LocalNode != node || got[0].OnComplete != "KEEP" || got[0].Type != "Memory" {
			t.Fatalf("got %+v", got)
		}
		if nodes := got[0].Torrents.Nodes; len(nodes) != 1 || *nodes[0].Name != "torrent 1" {
			t.Errorf("got torrents %+v", nodes)
		}
	})
	t.Run("one by its id", func(t *testing.T) {
		t.Parallel()
		type answer struct{ TorrentServer *server }
		got := into[answer](t, d.ask(t, alice, `query($id: ID!) { torrentServer(id: $id) `+serverFields+` }`, vars{"id": first.ID}))
		if got.TorrentServer == nil || got.TorrentServer.ID != first.ID.String() || !got.TorrentServer.Health.Reachable || got.TorrentServer.Health.LastSeenAt != nil {
			t.Errorf("got %+v", got.TorrentServer)
		}
		d.post(t, alice, `query($id: ID!) { torrentServer(id: $id) { id } }`, vars{"id": uuid.New()}).wantError(t, "NOT_FOUND", "")
	})
	t.Run("the client types", func(t *testing.T) {
		t.Parallel()
		wantJSON(t, d.ask(t, alice, `{ clientTypes }`, nil), `{"clientTypes":["Memory"]}`)
	})
}

func TestTorrentServerMutations(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	add := func(t *testing.T, input vars) reply {
		t.Helper()
		return d.post(t, admin, `mutation($input: AddTorrentServerInput!) { addTorrentServer(input: $input) { torrentServer `+serverFields+` } }`, vars{"input": input})
	}
	const update = `mutation($input: UpdateTorrentServerInput!) { updateTorrentServer(input: $input) { torrentServer ` + serverFields + ` } }`
	const remove = `mutation($input: RemoveTorrentServerInput!) { removeTorrentServer(input: $input) { torrentServer { id } } }`
	type added struct {
		AddTorrentServer struct{ TorrentServer server }
	}

	t.Run("add and update; credentials are taken and never shown", func(t *testing.T) {
		t.Parallel()
		got := add(t, vars{"address": "http://user:hidden-one@host:1/rpc", "type": "Memory", "onComplete": "REMOVE"})
		if text := string(got.Data); strings.Contains(text, "hidden") || strings.Contains(text, "user") {
			t.Errorf("credentials are shown: %s", text)
		}
		s := into[added](t, got.Data).AddTorrentServer.TorrentServer
		if s.Address != "http://host:1/rpc" || s.OnComplete != "REMOVE" {
			t.Errorf("got %+v", s)
		}
		data := d.ask(t, admin, update, vars{"input": vars{"id": s.ID, "username": "u", "password": "hidden-two"}})
		if strings.Contains(string(data), "hidden") || !strings.Contains(string(data), `"http://host:1/rpc"`) {
			t.Errorf("got %s", data)
		}
		stored, err := d.store.Servers().Get(t.Context(), uuid.MustParse(s.ID))
		if err != nil || stored.Credentials != (domain.Credentials{Username: "u", Password: "hidden-two"}) {
			t.Errorf("stored credentials differ, error %v", err)
		}
	})
	t.Run("bad settings name their field", func(t *testing.T) {
		t.Parallel()
		add(t, vars{"address": "", "type": "Memory"}).wantError(t, "INVALID", "address")
		add(t, vars{"address": "a:1", "type": "Nonesuch"}).wantError(t, "INVALID", "type")
		add(t, vars{"address": "a:1", "type": "Memory", "onComplete": "EXPLODE"}).wantError(t, "INVALID", "onComplete")
		add(t, vars{"type": "Memory"}).wantError(t, "INVALID", "address")
		d.post(t, admin, update, vars{"input": vars{"id": uuid.New(), "address": "a:1"}}).wantError(t, "NOT_FOUND", "")
	})
	t.Run("a server that holds open torrents is removed only with a place for them", func(t *testing.T) {
		t.Parallel()
		own := openDoor(t)
		from, to := own.addServer(t), own.addServer(t)
		torrent := own.addTorrent(t, alice, 1)
		if torrent.ServerID != from.ID {
			from, to = to, from
		}
		own.post(t, admin, remove, vars{"input": vars{"id": from.ID}}).wantError(t, "CONFLICT", "")
		own.post(t, admin, remove, vars{"input": vars{"id": from.ID, "moveTo": uuid.New()}}).wantError(t, "INVALID", "moveTo")
		wantJSON(t, own.ask(t, admin, remove, vars{"input": vars{"id": from.ID, "moveTo": to.ID}}),
			`{"removeTorrentServer":{"torrentServer":{"id":`+strconv.Quote(from.ID.String())+`}}}`)
		wantJSON(t, own.ask(t, alice, `{ torrents { nodes { server { id } } } }`, nil),
			`{"torrents":{"nodes":[{"server":{"id":`+strconv.Quote(to.ID.String())+`}}]}}`)
	})
	t.Run("members may not", func(t *testing.T) {
		t.Parallel()
		own := openDoor(t)
		id := own.addServer(t).ID
		for _, mutation := range []string{
			`mutation { addTorrentServer(input: {address: "a:1", type: "Memory"}) { torrentServer { id } } }`,
			`mutation { updateTorrentServer(input: {id: "` + id.String() + `"}) { torrentServer { id } } }`,
			`mutation { removeTorrentServer(input: {id: "` + id.String() + `"}) { torrentServer { id } } }`,
			`mutation { testTorrentServer(input: {id: "` + id.String() + `"}) { version } }`,
			`mutation { testTorrentServer(input: {address: "a:1", type: "Memory"}) { version } }`,
			`mutation { checkTorrents { checks { open } } }`,
		} {
			own.post(t, alice, mutation, nil).wantError(t, "FORBIDDEN", "")
		}
	})
}

func TestTestTorrentServer(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	known := d.addServer(t)
	const test = `mutation($input: TestTorrentServerInput!) { testTorrentServer(input: $input) { version freeSpace } }`
	free := int64(1) << 42
	d.clients.Daemon(known.ID).SetInfo(domain.ClientInfo{Version: "4.1", FreeSpace: &free})
	wantJSON(t, d.ask(t, admin, test, vars{"input": vars{"id": known.ID}}),
		`{"testTorrentServer":{"version":"4.1","freeSpace":4398046511104}}`)
	d.clients.Daemon(known.ID).SetInfo(domain.ClientInfo{})
	wantJSON(t, d.ask(t, admin, test, vars{"input": vars{"id": known.ID}}),
		`{"testTorrentServer":{"version":null,"freeSpace":null}}`)
	d.clients.Daemon(known.ID).Fail(domain.Unavailable(errors.New("dial: secret detail"), "cannot be reached"))
	got := d.post(t, admin, test, vars{"input": vars{"id": known.ID}})
	got.wantError(t, "UNAVAILABLE", "")
	if got.Errors[0].Message != "cannot be reached" {
		t.Errorf("got %q", got.Errors[0].Message)
	}
	wantJSON(t, d.ask(t, admin, test, vars{"input": vars{"address": "b:1", "type": "Memory", "username": "x"}}),
		`{"testTorrentServer":{"version":"memory","freeSpace":null}}`)
	d.post(t, admin, test, vars{"input": vars{}}).wantError(t, "INVALID", "address")
}

func TestCheckTorrents(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	well, ill := d.addServer(t), d.addServer(t)
	d.clients.Daemon(ill.ID).Fail(domain.Unavailable(nil, "cannot be reached"))
	const check = `mutation($input: CheckTorrentsInput) { checkTorrents(input: $input) { checks {
	  server { id health { reachable problem { code } } } open handedOver refused completed removed skipped error took
	} } }`
	type result struct {
		Server             server
		Open, HandedOver   int
		Skipped            bool
		Error              *string
		Took               float64
		Completed, Removed int
		Refused            int
	}
	type answer struct{ CheckTorrents struct{ Checks []result } }
	added := d.addTorrent(t, alice, 1)
	if added.ServerID != well.ID {
		well, ill = ill, well
		d.clients.Daemon(well.ID).Fail(nil)
		d.clients.Daemon(ill.ID).Fail(domain.Unavailable(nil, "cannot be reached"))
	}
	byID := map[string]result{}
	for _, r := range into[answer](t, d.ask(t, admin, check, nil)).CheckTorrents.Checks {
		byID[r.Server.ID] = r
	}
	if got := byID[well.ID.String()]; got.Open != 1 || got.HandedOver != 1 || got.Error != nil || !got.Server.Health.Reachable {
		t.Errorf("got %+v", got)
	}
	if got := byID[ill.ID.String()]; got.Error == nil || *got.Error != "cannot be reached" || got.Server.Health.Problem.Code != "UNAVAILABLE" {
		t.Errorf("got %+v", got)
	}
	only := into[answer](t, d.ask(t, admin, check, vars{"input": vars{"serverIds": []any{well.ID}}})).CheckTorrents.Checks
	if len(only) != 1 || only[0].Server.ID != well.ID.String() {
		t.Errorf("got %+v", only)
	}
}
