package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

const wishFields = `{ id paused label folder priority downloadLimit uploadLimit unwantedFiles onComplete seedRatio seedTime pendingChanges }`

// wished is the JSON of a torrent that wishes nothing, but for what is given.
func wished(id uuid.UUID, given ...string) string {
	fields := map[string]string{
		"paused": "false", "label": "null", "folder": "null", "priority": `"NORMAL"`, "downloadLimit": "null", "uploadLimit": "null",
		"unwantedFiles": "[]", "onComplete": "null", "seedRatio": "null", "seedTime": "null", "pendingChanges": "[]",
	}
	for _, field := range given {
		name, value, _ := strings.Cut(field, " ")
		fields[name] = value
	}
	text := fmt.Sprintf(`"id":%q`, id)
	for _, name := range strings.Fields(wishFields)[2:] {
		if value, is := fields[name]; is {
			text += fmt.Sprintf(`,%q:%s`, name, value)
		}
	}
	return "{" + text + "}"
}

func TestWishes(t *testing.T) {
	t.Parallel()
	const update = `mutation($input: UpdateTorrentInput!) { updateTorrent(input: $input) { torrent ` + wishFields + ` } }`
	d := openDoor(t)
	server := d.addServer(t)
	d.ask(t, admin, `mutation($input: UpdateTorrentServerInput!) { updateTorrentServer(input: $input) { torrentServer { id } } }`,
		vars{"input": vars{"id": server.ID, "folders": []string{"/srv"}}})
	n := 0
	fresh := func(t *testing.T) *domain.Torrent {
		t.Helper()
		n++
		return d.addTorrent(t, alice, n)
	}

	t.Run("each is shown, also in lists, and taken back by null", func(t *testing.T) {
		for field, one := range map[string]struct {
			value any
			given []string
		}{
			"label":         {"films", []string{`label "films"`, `pendingChanges ["LABEL"]`}},
			"folder":        {"/srv/films/", []string{`folder "/srv/films"`, `pendingChanges ["FOLDER"]`}},
			"priority":      {"HIGH", []string{`priority "HIGH"`, `pendingChanges ["PRIORITY"]`}},
			"downloadLimit": {1 << 40 / 2, []string{"downloadLimit 549755813888", `pendingChanges ["DOWNLOAD_LIMIT"]`}},
			"uploadLimit":   {5, []string{"uploadLimit 5", `pendingChanges ["UPLOAD_LIMIT"]`}},
			"unwantedFiles": {[]int{3, 1}, []string{"unwantedFiles [1,3]", `pendingChanges ["UNWANTED_FILES"]`}},
			"onComplete":    {"STOP", []string{`onComplete "STOP"`}},
			"seedRatio":     {1.5, []string{"seedRatio 1.5"}},
			"seedTime":      {3600, []string{"seedTime 3600"}},
		} {
			torrent := fresh(t)
			want := wished(torrent.ID, one.given...)
			wantJSON(t, d.ask(t, alice, update, vars{"input": vars{"id": torrent.ID, field: one.value}}), `{"updateTorrent":{"torrent":`+want+`}}`)
			wantJSON(t, d.ask(t, alice, `query($id: ID!) { torrent(id: $id) `+wishFields+` }`, vars{"id": torrent.ID}), `{"torrent":`+want+`}`)
			wantJSON(t, d.ask(t, alice, `{ torrents(first: 1) { nodes `+wishFields+` } }`, nil), `{"torrents":{"nodes":[`+want+`]}}`)
			var pending []string
			if field != "folder" && len(one.given) > 1 { // that any client is told of
				pending = one.given[1:]
			}
			wantJSON(t, d.ask(t, alice, update, vars{"input": vars{"id": torrent.ID, field: nil}}),
				`{"updateTorrent":{"torrent":`+wished(torrent.ID, pending...)+`}}`)
		}
	})

	t.Run("all of them can be there from the beginning", func(t *testing.T) {
		data := d.ask(t, alice, `mutation($input: AddTorrentInput!) { addTorrent(input: $input) { torrent `+wishFields+` } }`, vars{"input": vars{
			"magnetURI": magnet(100), "paused": true, "label": "films", "folder": "/srv", "priority": "LOW", "downloadLimit": 1, "uploadLimit": 2,
			"unwantedFiles": []int{1}, "onComplete": "REMOVE", "seedRatio": 2, "seedTime": 60,
		}})
		got := into[struct {
			AddTorrent struct{ Torrent struct{ ID uuid.UUID } }
		}](t, data).AddTorrent.Torrent
		wantJSON(t, data, `{"addTorrent":{"torrent":`+wished(got.ID, "paused true", `label "films"`, `folder "/srv"`, `priority "LOW"`, "downloadLimit 1",
			"uploadLimit 2", "unwantedFiles [1]", `onComplete "REMOVE"`, "seedRatio 2", "seedTime 60",
			`pendingChanges ["PAUSED","LABEL","FOLDER","PRIORITY","DOWNLOAD_LIMIT","UPLOAD_LIMIT","UNWANTED_FILES"]`)+`}}`)
		d.check(t)
		wantJSON(t, d.ask(t, alice, `{ torrents(filter: {label: "films", paused: true}) { nodes { id pendingChanges } } }`, nil),
			fmt.Sprintf(`{"torrents":{"nodes":[{"id":%q,"pendingChanges":["UNWANTED_FILES"]}]}}`, got.ID))
		wantJSON(t, d.ask(t, alice, `{ torrents(filter: {label: "films", paused: false}) { nodes { id } } }`, nil), `{"torrents":{"nodes":[]}}`)
	})

	t.Run("what is wrong names its field", func(t *testing.T) {
		torrent := fresh(t)
		for field, values := range map[string][]any{
			"label":         {" x", strings.Repeat("x", 300), "a\nb"},
			"folder":        {"/etc", "srv", "/srv/../etc", "/srvx"},
			"priority":      {"URGENT"},
			"downloadLimit": {-1, 1 << 60},
			"uploadLimit":   {-1},
			"unwantedFiles": {[]int{-1}, []int{1 << 30}},
			"onComplete":    {"BURN"},
			"seedRatio":     {-1, 1e9},
			"seedTime":      {-1, 1e300},
		} {
			for _, value := range values {
				d.post(t, alice, update, vars{"input": vars{"id": torrent.ID, field: value}}).wantError(t, "INVALID", field)
			}
		}
		d.post(t, bob, update, vars{"input": vars{"id": torrent.ID, "label": "mine"}}).wantError(t, "NOT_FOUND", "")
	})

	t.Run("many are treated alike", func(t *testing.T) {
		one, two := fresh(t), fresh(t)
		got := d.bulk(t, alice, "updateTorrents", vars{
			"ids": []uuid.UUID{one.ID, two.ID}, "label": "bulk", "priority": "LOW", "downloadLimit": 9, "folder": "/srv/x", "seedTime": 1, "onComplete": "STOP",
		})
		if got.Succeeded != 2 {
			t.Fatalf("got %+v", got)
		}
		if list := into[struct{ Torrents struct{ TotalCount int } }](t, d.ask(t, alice, `{ torrents(filter: {label: "bulk"}) { totalCount } }`, nil)); list.Torrents.TotalCount != 2 {
			t.Errorf("got %+v", list)
		}
		d.bulkFails(t, alice, "updateTorrents", vars{"ids": []uuid.UUID{one.ID}, "downloadLimit": -1}, "INVALID", "downloadLimit")
		got = d.bulk(t, alice, "updateTorrents", vars{"ids": []uuid.UUID{one.ID}, "folder": "/etc"})
		if got.Failed != 1 || !got.Results[0].Error.is("INVALID", "folder") {
			t.Errorf("got %+v", got)
		}
	})
}

func TestPauseResumeVerify(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	server := d.addServer(t)
	torrent := d.addTorrent(t, alice, 1)
	d.check(t)
	daemon := d.clients.Daemon(server.ID)
	do := func(verb string) string {
		return `mutation($input: ` + strings.ToUpper(verb[:1]) + verb[1:] + `TorrentInput!) { ` + verb + `Torrent(input: $input) { torrent { paused pendingChanges } } }`
	}
	for _, step := range []struct {
		verb, want string
		phase      domain.Phase
	}{
		{"pause", `{"paused":true,"pendingChanges":["PAUSED"]}`, domain.PhaseStopped},
		{"verify", `{"paused":true,"pendingChanges":["VERIFY"]}`, domain.PhaseStopped},
		{"resume", `{"paused":false,"pendingChanges":["PAUSED"]}`, domain.PhaseMetadata},
	} {
		input := vars{"input": vars{"id": torrent.ID}}
		wantJSON(t, d.ask(t, alice, do(step.verb), input), `{"`+step.verb+`Torrent":{"torrent":`+step.want+`}}`)
		d.post(t, bob, do(step.verb), input).wantError(t, "NOT_FOUND", "")
		d.check(t)
		if transfer, _ := daemon.Transfer(torrent.InfoHash()); transfer.Phase != step.phase {
			t.Errorf("after %s: %s", step.verb, transfer.Phase)
		}
	}
	if daemon.Verified(torrent.InfoHash()) != 1 {
		t.Error("not verified")
	}
	d.bulk(t, alice, "pauseTorrents", vars{"all": true})
	if got := d.bulk(t, alice, "resumeTorrents", vars{"filter": vars{"paused": true}}); got.Succeeded != 1 {
		t.Errorf("got %+v", got)
	}
	d.clients.Lack(domain.CapabilityPause)
	d.post(t, alice, do("pause"), vars{"input": vars{"id": torrent.ID}}).wantError(t, "INVALID", "paused")
	if got := d.bulk(t, alice, "pauseTorrents", vars{"all": true}); got.Failed != 1 || !got.Results[0].Error.is("INVALID", "paused") {
		t.Errorf("got %+v", got)
	}
}

func TestServersTellWhatTheyAllowAndCan(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.clients.Lack(domain.AllCapabilities().Without(domain.CapabilityPause, domain.CapabilityFiles)...)
	const fields = `{ onComplete seedRatio seedTime folders capabilities }`
	data := d.ask(t, admin, `mutation($input: AddTorrentServerInput!) { addTorrentServer(input: $input) { torrentServer { id } } }`, vars{"input": vars{
		"address": "a:1", "type": "Memory", "onComplete": "STOP", "seedRatio": 2.5, "seedTime": 90.9, "folders": []string{"/srv/b/", `C:\a`},
	}})
	id := into[struct {
		AddTorrentServer struct{ TorrentServer struct{ ID string } }
	}](t, data).AddTorrentServer.TorrentServer.ID
	show := func(want string) {
		t.Helper()
		wantJSON(t, d.ask(t, alice, `query($id: ID!) { torrentServer(id: $id) `+fields+` }`, vars{"id": id}), `{"torrentServer":`+want+`}`)
	}
	show(`{"onComplete":"STOP","seedRatio":2.5,"seedTime":90,"folders":["/srv/b","C:\\a"],"capabilities":["PAUSE","FILES"]}`)
	const update = `mutation($input: UpdateTorrentServerInput!) { updateTorrentServer(input: $input) { torrentServer ` + fields + ` } }`
	d.ask(t, admin, update, vars{"input": vars{"id": id, "address": "b:1"}})
	show(`{"onComplete":"STOP","seedRatio":2.5,"seedTime":90,"folders":["/srv/b","C:\\a"],"capabilities":["PAUSE","FILES"]}`)
	d.ask(t, admin, update, vars{"input": vars{"id": id, "seedRatio": nil, "seedTime": nil, "folders": []string{}, "onComplete": nil}})
	show(`{"onComplete":"STOP","seedRatio":null,"seedTime":null,"folders":[],"capabilities":["PAUSE","FILES"]}`)
	for field, value := range map[string]any{"seedRatio": -1, "seedTime": -1, "folders": []string{"x"}} {
		d.post(t, admin, update, vars{"input": vars{"id": id, field: value}}).wantError(t, "INVALID", field)
	}
	torrent := d.addTorrent(t, alice, 1)
	wantJSON(t, d.ask(t, alice, `{ torrents { nodes { id server `+fields+` } } }`, nil), fmt.Sprintf(`{"torrents":{"nodes":[{"id":%q,"server":`+
		`{"onComplete":"STOP","seedRatio":null,"seedTime":null,"folders":[],"capabilities":["PAUSE","FILES"]}}]}}`, torrent.ID))
	d.clients.Lack(domain.CapabilityPause)
	d.post(t, admin, update, vars{"input": vars{"id": id, "address": "c:1"}}).wantError(t, "INVALID", "onComplete")
}
