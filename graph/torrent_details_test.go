package graph_test

import (
	"errors"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
)

func TestTorrentDetails(t *testing.T) {
	t.Parallel()
	const query = `query($first: Int! = 100, $after: Int! = -1) { torrents(first: 10) { nodes {
	  files(first: $first, after: $after) { index path size bytesDone fractionDone wanted }
	  trackers { url tier working message seeders leechers }
	  connectedPeers { address client fractionDone downloadRate uploadRate }
	} } }`
	five := 5
	files := []domain.TransferFile{{Index: 0, Path: "a/b", Size: 8, BytesDone: 6, Wanted: true}, {Index: 1, Path: "a/c", Size: 2, BytesDone: 2}}
	trackers := []domain.Tracker{{URL: "http://tracker/announce", Tier: 1, Message: "no such torrent", Seeders: &five}}
	peers := []domain.Peer{{Address: "[::1]:6881", FractionDone: 0.5, DownloadRate: 3, UploadRate: 1 << 40}}

	// one is a torrent that its client holds.
	one := func(t *testing.T, change ...func(*graph.Config)) (*door, *domain.Server, *domain.Torrent) {
		t.Helper()
		d := openDoor(t, change...)
		server, torrent := d.addServer(t), d.addTorrent(t, alice, 1)
		d.check(t)
		d.clients.Daemon(server.ID).SetDetails(torrent.InfoHash(), files, trackers, peers)
		return d, server, torrent
	}
	torrent := func(inside string) string { return `{"torrents":{"nodes":[` + inside + `]}}` }
	const unknown = `{"files":null,"trackers":null,"connectedPeers":null}`

	t.Run("it is told as the client tells it", func(t *testing.T) {
		t.Parallel()
		d, _, _ := one(t)
		wantJSON(t, d.ask(t, alice, query, nil), torrent(`{
		  "files":[{"index":0,"path":"a/b","size":8,"bytesDone":6,"fractionDone":0.75,"wanted":true},
		           {"index":1,"path":"a/c","size":2,"bytesDone":2,"fractionDone":1,"wanted":false}],
		  "trackers":[{"url":"http://tracker","tier":1,"working":false,"message":"no such torrent","seeders":5,"leechers":null}],
		  "connectedPeers":[{"address":"[::1]:6881","client":null,"fractionDone":0.5,"downloadRate":3,"uploadRate":1099511627776}]}`))
	})

	t.Run("of trackers that somebody else has brought only an administrator sees the passkeys", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		server := d.addServer(t)
		const own = "http://mine.example/announce?passkey=0123456789"
		torrent, err := d.torrents.Add(t.Context(), d.actor(alice), app.AddTorrent{MagnetURI: magnet(1) + "&tr=" + url.QueryEscape(own)})
		if err != nil {
			t.Fatal(err)
		}
		d.check(t)
		d.clients.Daemon(server.ID).SetDetails(torrent.InfoHash(), nil, []domain.Tracker{
			{URL: own},
			{URL: "udp://theirs.example:80/aaaabbbbcccc/announce", Message: "unknown passkey aaaabbbbcccc"},
			{URL: "http://theirs.example/announce?k=aaaabbbbcccc", Message: "no route to http://theirs.example/announce?k=aaaabbbbcccc"},
			{URL: "::"},
		}, nil)
		for token, want := range map[string]string{
			alice: `{"url":"` + own + `","message":null},{"url":"udp://theirs.example:80","message":null},
				{"url":"http://theirs.example","message":"no route to http://theirs.example"},{"url":"","message":null}`,
			admin: `{"url":"` + own + `","message":null},{"url":"udp://theirs.example:80/aaaabbbbcccc/announce","message":"unknown passkey aaaabbbbcccc"},
				{"url":"http://theirs.example/announce?k=aaaabbbbcccc","message":"no route to http://theirs.example/announce?k=aaaabbbbcccc"},{"url":"::","message":null}`,
		} {
			wantJSON(t, d.ask(t, token, `{ torrents { nodes { trackers { url message } } } }`, nil), `{"torrents":{"nodes":[{"trackers":[`+want+`]}]}}`)
		}
	})

	t.Run("files come in pages", func(t *testing.T) {
		t.Parallel()
		d, _, _ := one(t)
		const pages = `query($first: Int!, $after: Int!) { torrents { nodes { files(first: $first, after: $after) { index } } } }`
		for after, want := range map[int]string{-1: `[{"index":0}]`, 0: `[{"index":1}]`, 1: `[]`} {
			wantJSON(t, d.ask(t, alice, pages, vars{"first": 1, "after": after}), torrent(`{"files":`+want+`}`))
		}
		d.post(t, alice, pages, vars{"first": 501, "after": 0}).wantError(t, "INVALID", "first")
	})

	t.Run("it is asked once for all who look at the same time", func(t *testing.T) {
		t.Parallel()
		d, server, _ := one(t, func(c *graph.Config) { c.Progress.Window = time.Minute })
		for range 5 {
			d.ask(t, alice, query, nil)
		}
		if n := d.clients.Daemon(server.ID).Requests().Inside; n != 3 {
			t.Errorf("asked %d times for three kinds of details", n)
		}
	})

	t.Run("of what the client has just been given nothing is known yet, which is not nothing", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		d.addServer(t)
		d.addTorrent(t, alice, 1)
		wantJSON(t, d.ask(t, alice, query, nil), torrent(unknown))
		d.check(t)
		wantJSON(t, d.ask(t, alice, query, nil), torrent(`{"files":[],"trackers":[],"connectedPeers":[]}`))
	})

	t.Run("a client that does not answer, or does not hold it, makes it null, and no error", func(t *testing.T) {
		t.Parallel()
		d, server, _ := one(t)
		d.clients.Daemon(server.ID).Fail(domain.Unavailable(errors.New("refused"), "does not answer"))
		wantJSON(t, d.ask(t, alice, query, nil), torrent(unknown))
		d, server, held := one(t)
		d.clients.Daemon(server.ID).RemoveByHand(held.InfoHash())
		wantJSON(t, d.ask(t, alice, query, nil), torrent(unknown))
	})

	t.Run("what the type of client does not tell is a clear error", func(t *testing.T) {
		t.Parallel()
		for field, lacking := range map[string]domain.Capability{
			"files": domain.CapabilityFiles, "trackers": domain.CapabilityTrackers, "connectedPeers": domain.CapabilityPeers,
		} {
			d, _, _ := one(t)
			d.clients.Lack(lacking)
			d.post(t, alice, `{ torrents { nodes { `+field+` { __typename } } } }`, nil).wantError(t, "INVALID", "")
		}
	})

	t.Run("a page of torrents does not crowd out what else the client is asked", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		server := d.addServer(t)
		for n := range 40 {
			d.addTorrent(t, alice, n)
		}
		d.check(t)
		d.ask(t, alice, `{ torrents(first: 40) { nodes { files { index } } } }`, nil)
		if n := d.clients.Daemon(server.ID).Requests().Inside; n != 40 {
			t.Errorf("asked %s times", strconv.Itoa(n))
		}
	})
}
