package rest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/uuid"
)

var torrentColumns = []string{
	"id", "local_node", "server_id", "user_id", "magnetURI", "hash_string", "completed_at", "name", "created_at", "updated_at", "deleted_at",
}

// The contract of the original, row by row: torrents.
func TestContractOfTorrents(t *testing.T) {
	t.Parallel()
	facts := []struct {
		name string
		fact func(*testing.T, *world, string)
	}{
		{"GET lists all live rows with every column, and two reads agree", func(t *testing.T, w *world, _ string) {
			w.addTorrent(cosmos)
			w.addTorrent(bare)
			w.do("DELETE", "/torrents/"+w.addTorrent(bare), "").want(204)
			a := w.do("GET", "/torrents", "").want(200)
			for _, row := range a.rows() {
				wantColumns(t, row, torrentColumns...)
			}
			if len(a.rows()) != 2 || !bytes.Equal(a.body, w.do("GET", "/torrents", "").body) {
				t.Errorf("%s", a.body)
			}
		}},
		{"POST answers 201 with what was given or decided", func(t *testing.T, w *world, server string) {
			row := w.do("POST", "/torrents", fields("magnetURI", cosmos)).want(201).row()
			wantColumns(t, row, torrentColumns...)
			want := map[string]any{
				"local_node": node, "server_id": server, "user_id": adminID.String(), "magnetURI": cosmos,
				"name": "Cosmos Laundromat", "hash_string": nil, "completed_at": nil, "deleted_at": nil,
			}
			for column, value := range want {
				if row[column] != value {
					t.Errorf("%s: %v, want %v", column, row[column], value)
				}
			}
			if w.nudged.Load() == 0 {
				t.Error("nobody was told to hand it over")
			}
		}},
		{"GET of one shows every column", func(t *testing.T, w *world, _ string) {
			row := w.do("GET", "/torrents/"+w.addTorrent(cosmos), "").want(200).row()
			wantColumns(t, row, torrentColumns...)
		}},
		{"PUT and PATCH keep what is not sent, and the name is not taken from the magnet again", func(t *testing.T, w *world, server string) {
			for _, method := range []string{"PUT", "PATCH"} {
				id := w.do("POST", "/torrents", fields("magnetURI", bare, "name", "Mine", "hash_string", bareHash)).want(201).id()
				before := w.do("GET", "/torrents/"+id, "").row()
				row := w.do(method, "/torrents/"+id, fields(
					"magnetURI", bare+"&dn=Theirs", "server_id", strings.ToUpper(server),
					"local_node", "x", "id", nobody, "created_at", "1999-01-01", "deleted_at", "1999-01-01")).want(200).row()
				wantColumns(t, row, torrentColumns...)
				for _, column := range []string{"id", "local_node", "server_id", "user_id", "hash_string", "completed_at", "name", "created_at", "deleted_at"} {
					if row[column] != before[column] {
						t.Errorf("%s: %v, was %v", column, row[column], before[column])
					}
				}
				if row["magnetURI"] != bare+"&dn=Theirs" || row["name"] != "Mine" {
					t.Error(row)
				}
			}
		}},
		{"mark-incomplete takes completion and hash away, whatever the body, any number of times", func(t *testing.T, w *world, _ string) {
			id := w.addTorrent(cosmos)
			w.accept(id)
			w.complete(id, "2025-06-21 00:00:00")
			for _, body := range []string{"", "{", fields("completed_at", "2025-01-01", "name", "no"), strings.Repeat("x", 1<<20)} {
				row := w.do("PATCH", "/torrents/"+id+"/mark-incomplete", body).want(200).row()
				wantColumns(t, row, torrentColumns...)
				if row["completed_at"] != nil || row["hash_string"] != nil || row["name"] != "Cosmos Laundromat" {
					t.Error(row)
				}
			}
			for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
				if a := w.do(method, "/torrents/"+id+"/mark-incomplete", "").want(405); a.Header.Get("Allow") != "PATCH" {
					t.Errorf("%s: Allow %q", method, a.Header.Get("Allow"))
				}
			}
		}},
		{"DELETE answers 204 with nothing, and then it is 404 everywhere", func(t *testing.T, w *world, _ string) {
			id := w.addTorrent(cosmos)
			a := w.do("DELETE", "/torrents/"+id, "").want(204)
			if len(a.body) > 0 || a.Header.Get("Content-Type") != "" {
				t.Errorf("%q, %q", a.body, a.Header)
			}
			for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
				w.do(method, "/torrents/"+id, "{}").want(404)
			}
			w.do("PATCH", "/torrents/"+id+"/mark-incomplete", "").want(404)
			if rows := w.do("GET", "/torrents", "").rows(); len(rows) > 0 || w.stored(id).DeletedAt == nil {
				t.Error(rows)
			}
		}},
		{"DELETE keeps the data unless it is told not to", func(t *testing.T, w *world, server string) {
			taken := func() string {
				id := w.addTorrent(cosmos)
				w.accept(id)
				return "/torrents/" + id
			}
			for query, deletes := range map[string]bool{
				"": false, "?delete_data=0": false, "?delete_data=": false, "?delete_data=false": false,
				"?delete_data=1": true, "?delete_data=true": true, "?delete_data=yes": true,
			} {
				w.do("DELETE", taken()+query, "").want(204)
				wantLastRemoval(t, w, server, deletes)
			}
			w.do("DELETE", taken(), `{"delete_data":true}`).want(204)
			wantLastRemoval(t, w, server, true)
			w.do("DELETE", taken(), `{"delete_data":1}`).want(204)
			wantLastRemoval(t, w, server, true)
			id := w.addTorrent(cosmos)
			w.do("DELETE", "/torrents/"+id+"?delete_data=maybe", "").wantErrors("delete_data")
			w.do("DELETE", "/torrents/"+id, `{"delete_data":2}`).wantErrors("delete_data")
			w.do("GET", "/torrents/"+id, "").want(200)
		}},
		{"the same magnet twice is two rows", func(t *testing.T, w *world, _ string) {
			first, second := w.addTorrent(cosmos), w.addTorrent(cosmos)
			if first == second || len(w.do("GET", "/torrents", "").rows()) != 2 {
				t.Error("not two rows")
			}
		}},
		{"the same Idempotency-Key is the same row, also when it is gone", func(t *testing.T, w *world, server string) {
			key, wish := []string{"Idempotency-Key", "k 1"}, fields("magnetURI", cosmos)
			first := w.do("POST", "/torrents", wish, key...).want(201)
			if again := w.do("POST", "/torrents", wish, key...).want(201); !bytes.Equal(again.body, first.body) {
				t.Errorf("%s and %s", first.body, again.body)
			}
			w.do("POST", "/torrents", fields("magnetURI", bare), key...).want(409)
			w.do("POST", "/torrents", fields("magnetURI", cosmos, "server_id", nobody), key...).want(409)
			w.do("POST", "/torrents", wish, "Idempotency-Key", strings.Repeat("k", 256)).wantErrors("idempotency_key")
			if rows := w.do("GET", "/torrents", "").rows(); len(rows) != 1 {
				t.Error(rows)
			}
			w.do("DELETE", "/torrents/"+first.id(), "").want(204)
			gone := w.do("POST", "/torrents", wish, key...).want(201).row()
			wantColumns(t, gone, torrentColumns...)
			if gone["id"] != first.id() || gone["deleted_at"] == nil {
				t.Error(gone)
			}
			if mine := w.addTorrent(cosmos, "Authorization", "Bearer member", "Idempotency-Key", "k 1"); mine == first.id() {
				t.Error("a key is shared")
			}
		}},
		{"without a server to default to it is 422", func(_ *testing.T, w *world, server string) {
			w.do("DELETE", "/torrent-servers/"+server, "").want(204)
			w.do("POST", "/torrents", fields("magnetURI", bare)).wantErrors("server_id")
			w.do("POST", "/torrents", fields("magnetURI", "x")).wantErrors("magnetURI", "server_id")
		}},
		{"POST waits for no daemon", func(t *testing.T, w *world, server string) {
			daemon := w.clients.Daemon(uuid.MustParse(server))
			daemon.Block()
			w.addTorrent(cosmos)
			if asked := daemon.Requests().Add; asked > 0 {
				t.Errorf("asked %d times", asked)
			}
		}},
		{"another server takes an open torrent over", func(t *testing.T, w *world, _ string) {
			id, other := w.addTorrent(cosmos), w.addServer("other:1")
			w.accept(id)
			row := w.do("PUT", "/torrents/"+id, fields("magnetURI", cosmos, "server_id", other)).want(200).row()
			if row["server_id"] != other || row["hash_string"] != nil {
				t.Error(row)
			}
		}},
		{"members see and change their own, and know of no others", func(t *testing.T, w *world, server string) {
			member := []string{"Authorization", "Bearer member"}
			theirs, mine := w.addTorrent(cosmos), w.addTorrent(bare, member...)
			if rows := w.do("GET", "/torrents", "", member...).rows(); len(rows) != 1 || rows[0]["id"] != mine {
				t.Error(rows)
			}
			edit := fields("magnetURI", bare, "server_id", server, "user_id", memberID.String(), "completed_at", "")
			for _, method := range []string{"GET", "PUT", "DELETE"} {
				w.do(method, "/torrents/"+theirs, edit, member...).want(404)
			}
			w.do("PATCH", "/torrents/"+theirs+"/mark-incomplete", "", member...).want(404)
			w.do("PUT", "/torrents/"+mine, edit, member...).want(200)
			w.do("PUT", "/torrents/"+mine, fields("magnetURI", bare, "server_id", server, "user_id", otherID.String()), member...).want(403)
			w.do("PUT", "/torrents/"+mine, fields("magnetURI", "bad", "server_id", server, "user_id", otherID.String()), member...).want(403)
			w.do("DELETE", "/torrents/"+mine, "", member...).want(204)
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

// complete completes a torrent as the front end does.
func (w *world) complete(id, at string) {
	w.t.Helper()
	row := w.do("GET", "/torrents/"+id, "").want(200).row()
	w.do("PUT", "/torrents/"+id, fields("magnetURI", row["magnetURI"], "server_id", row["server_id"], "completed_at", at)).want(200)
}

// wantLastRemoval fails unless the newest removal does, or does not, take the data.
func wantLastRemoval(t *testing.T, w *world, server string, deleteData bool) {
	t.Helper()
	pending, err := w.store.Removals().Pending(t.Context(), uuid.MustParse(server))
	if err != nil || len(pending) == 0 || pending[len(pending)-1].DeleteData != deleteData {
		t.Errorf("%v, %+v, want data deleted: %v", err, pending, deleteData)
	}
}
