package rest_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

// The defects of the original that its routes showed, by their numbers: what is
// documented, or plain, is what happens here.
func TestContractDefects(t *testing.T) {
	t.Parallel()
	facts := []struct {
		name string
		fact func(*testing.T, *world, string)
	}{
		{"1: routes with an id do what they say", func(t *testing.T, w *world, server string) {
			id := w.addTorrent(bare)
			if w.do("GET", "/torrents/"+id, "").want(200).id() != id || w.do("GET", "/torrent-servers/"+server, "").want(200).id() != server {
				t.Error("not the rows of these ids")
			}
			w.do("PUT", "/torrents/"+id, fields("magnetURI", bare, "server_id", server, "name", "written")).want(200)
			if w.stored(id).Name != "written" {
				t.Error("wrote nothing")
			}
			w.do("DELETE", "/torrents/"+id, "").want(204)
			w.do("DELETE", "/torrent-servers/"+server, "").want(204)
			w.do("DELETE", "/torrent-servers/"+server, "").want(404)
		}},
		{"2: server_id is the server that handles the torrent", func(t *testing.T, w *world, server string) {
			for range 5 {
				w.addServer("other:1")
			}
			if row := w.do("POST", "/torrents", fields("magnetURI", bare, "server_id", server)).want(201).row(); row["server_id"] != server {
				t.Error(row)
			}
		}},
		{"4: no server is 422", func(_ *testing.T, w *world, server string) {
			w.do("DELETE", "/torrent-servers/"+server, "").want(204)
			w.do("POST", "/torrents", fields("magnetURI", bare)).wantErrors("server_id")
		}},
		{"6: a type without a client class is 422", func(_ *testing.T, w *world, _ string) {
			w.do("POST", "/torrent-servers", fields("address", "x:1", "type", "transmission-ish")).wantErrors("type")
		}},
		{"7: a daemon that hangs or is away changes no answer", func(_ *testing.T, w *world, server string) {
			daemon := w.clients.Daemon(uuid.MustParse(server))
			daemon.Block()
			id := w.addTorrent(bare)
			w.do("PATCH", "/torrents/"+id+"/mark-incomplete", "").want(200)
			w.do("PUT", "/torrent-servers/"+server, fields("address", "y:1", "type", "Transmission")).want(200)
			w.do("DELETE", "/torrents/"+id, "").want(204)
		}},
		{"10: DELETE has the client let go of the torrent", func(t *testing.T, w *world, server string) {
			w.do("DELETE", "/torrents/"+w.addTorrent(bare), "").want(204)
			wantLastRemoval(t, w, server, false)
		}},
		{"14 and 15: magnets without ?, dn without =, dn with = and an empty dn", func(t *testing.T, w *world, _ string) {
			w.do("POST", "/torrents", fields("magnetURI", "magnet:xt=urn:btih:"+bareHash)).wantErrors("magnetURI")
			for tail, name := range map[string]any{"&dn": "Given", "&dn=": "Given", "&dn=a=b=c": "a=b=c"} {
				if row := w.do("POST", "/torrents", fields("magnetURI", bare+tail, "name", "Given")).want(201).row(); row["name"] != name {
					t.Errorf("%q: %v", tail, row["name"])
				}
			}
		}},
		{"16: a dn that is no UTF-8 breaks no list", func(_ *testing.T, w *world, _ string) {
			w.addTorrent(bare + "&dn=%ff%fe%00x")
			w.do("GET", "/torrents", "").want(200)
		}},
		{"17: a hash from the caller does not count as handed over", func(t *testing.T, w *world, server string) {
			id := w.do("POST", "/torrents", fields("magnetURI", bare, "hash_string", bareHash)).want(201).id()
			open, err := w.store.Torrents().Open(t.Context(), uuid.MustParse(server))
			if err != nil || len(open) != 1 || open[0].ID.String() != id || open[0].Accepted {
				t.Error(err, open)
			}
		}},
		{"19: overlong values are 422", func(_ *testing.T, w *world, server string) {
			long := strings.Repeat("n", 300)
			w.do("POST", "/torrents", fields("magnetURI", bare, "name", long)).wantErrors("name")
			w.do("POST", "/torrents", fields("magnetURI", bare, "hash_string", long)).wantErrors("hash_string")
			id := w.addTorrent(bare)
			w.do("PUT", "/torrents/"+id, fields("magnetURI", bare, "server_id", server, "name", long)).wantErrors("name")
			w.do("POST", "/torrent-servers", fields("address", long, "type", "Transmission")).wantErrors("address")
		}},
		{"20: errors of a */* client are JSON, never a redirect", func(_ *testing.T, w *world, _ string) {
			w.do("POST", "/torrents", "{}", "Accept", "*/*").wantErrors("magnetURI")
			w.do("GET", "/torrents", "", "Accept", "*/*", "Authorization", "").want(401)
		}},
	}
	for _, f := range facts {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			w, server := withServer(t)
			f.fact(t, w, server)
		})
	}
}
