package rest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/rest"
	"github.com/clarion-app/download-manager/domain"
)

// The contract of the original, row by row: the fields of torrents.
func TestContractOfTorrentFields(t *testing.T) {
	t.Parallel()
	facts := []struct {
		name string
		fact func(*testing.T, *world, string)
	}{
		{"magnetURI is a required text, on POST and on PUT", func(_ *testing.T, w *world, server string) {
			id := w.addTorrent(cosmos)
			for _, route := range []string{"POST /torrents", "PUT /torrents/" + id, "PATCH /torrents/" + id} {
				method, path, _ := strings.Cut(route, " ")
				for _, wrong := range []any{nil, "", " ", 5, true, []any{}, []any{bare}, map[string]any{}} {
					w.do(method, path, fields("magnetURI", wrong, "server_id", server)).wantErrors("magnetURI")
				}
			}
		}},
		{"server_id: on POST null, empty or absent is a live server of this node", func(t *testing.T, w *world, server string) {
			w.do("DELETE", "/torrent-servers/"+w.addServer("gone:1"), "").want(204)
			for _, body := range []string{
				fields("magnetURI", bare), fields("magnetURI", bare, "server_id", nil), fields("magnetURI", bare, "server_id", " "),
				fields("magnetURI", bare, "server_id", server), fields("magnetURI", bare, "server_id", strings.ToUpper(server)),
			} {
				if row := w.do("POST", "/torrents", body).want(201).row(); row["server_id"] != server {
					t.Error(row)
				}
			}
		}},
		{"server_id: on PUT it is required", func(_ *testing.T, w *world, _ string) {
			id := w.addTorrent(cosmos)
			for _, missing := range []any{nil, "", []any{}} {
				w.do("PUT", "/torrents/"+id, fields("magnetURI", cosmos, "server_id", missing)).wantErrors("server_id")
			}
			w.do("PUT", "/torrents/"+id, "{}").wantErrors("magnetURI", "server_id")
		}},
		{"a UUID is 8-4-4-4-12 digits and nothing laxer", func(_ *testing.T, w *world, server string) {
			id := w.addTorrent(cosmos)
			for _, wrong := range []any{
				"{" + server + "}", "urn:uuid:" + server, strings.ReplaceAll(server, "-", ""), server[1:], server + "0", "5", 5, true,
				[]any{server},
				strings.Replace(server, "-", "0", 1), "zzzzzzzz" + server[8:],
			} {
				w.do("POST", "/torrents", fields("magnetURI", bare, "server_id", wrong)).wantErrors("server_id")
				w.do("PUT", "/torrents/"+id, fields("magnetURI", bare, "server_id", wrong, "user_id", wrong)).wantErrors("server_id", "user_id")
			}
		}},
		{"an unknown server is 422, as is a removed one", func(_ *testing.T, w *world, _ string) {
			id := w.addTorrent(cosmos)
			gone := w.addServer("gone:1")
			w.do("DELETE", "/torrent-servers/"+gone, "").want(204)
			for _, unknown := range []string{nobody, gone, uuid.Nil.String()} {
				w.do("POST", "/torrents", fields("magnetURI", bare, "server_id", unknown)).wantErrors("server_id")
				w.do("PUT", "/torrents/"+id, fields("magnetURI", bare, "server_id", unknown)).wantErrors("server_id")
			}
		}},
		{"name and hash_string are null or a text", func(t *testing.T, w *world, server string) {
			id := w.addTorrent(bare)
			for _, wrong := range []any{5, true, []any{}, map[string]any{"a": 1}} {
				w.do("POST", "/torrents", fields("magnetURI", bare, "name", wrong, "hash_string", wrong)).wantErrors("name", "hash_string")
				w.do("PUT", "/torrents/"+id, fields("magnetURI", bare, "server_id", server, "name", wrong, "hash_string", wrong)).
					wantErrors("name", "hash_string")
			}
			long := strings.Repeat("n", 256)
			w.do("POST", "/torrents", fields("magnetURI", bare, "name", long)).wantErrors("name")
			w.do("PUT", "/torrents/"+id, fields("magnetURI", bare, "server_id", server, "hash_string", long)).wantErrors("hash_string")
			row := w.do("PUT", "/torrents/"+id, fields("magnetURI", bare, "server_id", server, "name", "N", "hash_string", "h")).want(200).row()
			if row["name"] != "N" || row["hash_string"] != "h" {
				t.Error(row)
			}
			row = w.do("PUT", "/torrents/"+id, fields("magnetURI", bare, "server_id", server, "name", "", "hash_string", nil)).want(200).row()
			if row["name"] != nil || row["hash_string"] != nil {
				t.Error(row)
			}
		}},
		{"user_id: ignored on POST, null or a UUID on PUT", func(t *testing.T, w *world, server string) {
			for _, ignored := range []any{otherID.String(), 5, "x", nil} {
				row := w.do("POST", "/torrents", fields("magnetURI", bare, "user_id", ignored)).want(201).row()
				if row["user_id"] != adminID.String() {
					t.Error(row)
				}
			}
			id := w.addTorrent(bare)
			row := w.do("PUT", "/torrents/"+id, fields("magnetURI", bare, "server_id", server, "user_id", otherID.String())).want(200).row()
			if row["user_id"] != otherID.String() {
				t.Error(row)
			}
			row = w.do("PUT", "/torrents/"+id, fields("magnetURI", bare, "server_id", server, "user_id", "")).want(200).row()
			if row["user_id"] != nil {
				t.Error(row)
			}
		}},
		{"completed_at: ignored on POST, null or a date on PUT", func(t *testing.T, w *world, server string) {
			for _, ignored := range []any{"2025-06-20", "x", 5} {
				row := w.do("POST", "/torrents", fields("magnetURI", bare, "completed_at", ignored)).want(201).row()
				if row["completed_at"] != nil {
					t.Error(row)
				}
			}
			id := w.addTorrent(bare)
			for sent, shown := range map[any]any{
				"2025-06-20T10:30": "2025-06-20 10:30:00", "2025-06-20 10:30:01": "2025-06-20 10:30:01", "2025-06-20": "2025-06-20 00:00:00",
				"2025-06-20T10:30:00Z": "2025-06-20 10:30:00", "2025-06-20T10:30:00.123456Z": "2025-06-20 10:30:00",
				"2025-06-20T10:30:00+02:00": "2025-06-20 08:30:00", "": nil, nil: nil, " ": nil,
			} {
				row := w.do("PUT", "/torrents/"+id, fields("magnetURI", bare, "server_id", server, "completed_at", sent)).want(200).row()
				if row["completed_at"] != shown {
					t.Errorf("%v: %v, want %v", sent, row["completed_at"], shown)
				}
			}
			for _, wrong := range []any{"tomorrow", "now", "+1 day", "2025-02-30", "2025-13-01", "5", 5, 1750415400, true, []any{}, "x"} {
				w.do("PUT", "/torrents/"+id, fields("magnetURI", bare, "server_id", server, "completed_at", wrong)).wantErrors("completed_at")
			}
		}},
		{"an edit that sends back what it was shown changes no completion", func(t *testing.T, w *world, server string) {
			id := w.addTorrent(bare)
			exact := rest.Whole.Add(1500 * time.Millisecond)
			_, err := w.store.Torrents().Update(t.Context(), []uuid.UUID{uuid.MustParse(id)}, nil, func(t *domain.Torrent) error {
				return t.Complete(exact, exact)
			})
			if err != nil {
				t.Fatal(err)
			}
			shown := w.do("GET", "/torrents/"+id, "").row()["completed_at"]
			w.do("PUT", "/torrents/"+id, fields("magnetURI", bare, "server_id", server, "completed_at", shown, "name", "New")).want(200)
			if got := w.stored(id); !got.CompletedAt.Equal(exact) || got.Name != "New" {
				t.Errorf("%+v", got)
			}
		}},
		{"the magnet's name replaces a given one, and is read as forms are", func(t *testing.T, w *world, _ string) {
			for tail, name := range map[string]any{
				"&dn=Big+Buck%20Bunny": "Big Buck Bunny", "&dn=%C3%9Cber": "Über", "&dn=a&dn=b": "b", "&dn=a=b": "a=b",
				"&dn=": "Given", "&dn": "Given", "": "Given", "&dn=%20": "Given", "&dn=100%25": "100%", "&dn=50%": "50%",
			} {
				if row := w.do("POST", "/torrents", fields("magnetURI", bare+tail, "name", "Given")).want(201).row(); row["name"] != name {
					t.Errorf("%q: %v, want %v", tail, row["name"], name)
				}
			}
			if row := w.do("POST", "/torrents", fields("magnetURI", bare, "name", "")).want(201).row(); row["name"] != nil {
				t.Error(row)
			}
		}},
		{"magnetURI comes back byte for byte", func(t *testing.T, w *world, _ string) {
			for _, magnet := range []string{
				"magnet:?xt=urn:btih:08ADA5A7A6183AAE1E09D831DF6748D566095A10&dn=%c3%bc+<&>\"\\/é–", "MAGNET:?xt=urn:btih:BCW2LJ5GDA5K4HQJ3AY56Z2I2VTASWQQ",
				bare + "&xt=urn:btmh:1220" + strings.Repeat("ab", 32), "magnet:?xt=urn:btmh:1220" + strings.Repeat("ab", 32),
			} {
				if row := w.do("POST", "/torrents", fields("magnetURI", magnet)).want(201).row(); row["magnetURI"] != magnet {
					t.Errorf("%v, want %v", row["magnetURI"], magnet)
				}
			}
		}},
		{"what is no magnet is 422 and never fails", func(_ *testing.T, w *world, server string) {
			id := w.addTorrent(bare)
			for _, wrong := range []string{
				"magnet", "magnet:", "magnet:?", "magnet:?dn=x", "magnet:?xt=urn:btih:short", "http://example.org/x.torrent", "text",
				bare + "&dn=\x00x", "magnet:?xt=urn:sha1:YNCKHTQCWBTRNJIV4WNAE52SJUQCZO5C",
			} {
				w.do("POST", "/torrents", fields("magnetURI", wrong)).wantErrors("magnetURI")
				w.do("PUT", "/torrents/"+id, fields("magnetURI", wrong, "server_id", server)).wantErrors("magnetURI")
			}
		}},
		{"hash_string is 40 small digits once the client knows the torrent", func(t *testing.T, w *world, _ string) {
			id := w.do("POST", "/torrents", fields("magnetURI", bare, "hash_string", "CLAIMED")).want(201).id()
			w.accept(id)
			if row := w.do("GET", "/torrents/"+id, "").row(); row["hash_string"] != bareHash {
				t.Error(row)
			}
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
