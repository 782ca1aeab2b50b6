package rest_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// The contract of the original, row by row: torrent servers.
func TestContractOfServers(t *testing.T) {
	t.Parallel()
	facts := []struct {
		name string
		fact func(*testing.T, *world, string)
	}{
		{"client types are a list of names, and not an id", func(t *testing.T, w *world, _ string) {
			a := w.do("GET", "/torrent-servers/client-types", "").want(200)
			if string(a.body) != `["Transmission","Embedded"]` {
				t.Errorf("%s", a.body)
			}
			w.do("PUT", "/torrent-servers/client-types", "{}").want(404)
			w.do("PATCH", "/torrent-servers/client-types", "{}").want(404)
			w.do("DELETE", "/torrent-servers/client-types", "").want(404)
			w.do("POST", "/torrent-servers/client-types", "{}").want(405)
		}},
		{"GET lists all live rows with every column", func(t *testing.T, w *world, server string) {
			gone := w.addServer("gone:1")
			w.do("DELETE", "/torrent-servers/"+gone, "").want(204)
			rows := w.do("GET", "/torrent-servers", "").want(200).rows()
			if len(rows) != 1 || rows[0]["id"] != server {
				t.Fatal(rows)
			}
			wantColumns(t, rows[0], "id", "local_node", "address", "type", "created_at", "updated_at", "deleted_at")
		}},
		{"POST answers 201 with the new row, without deleted_at", func(t *testing.T, w *world, _ string) {
			row := w.do("POST", "/torrent-servers", fields("address", " 192.168.1.100:9091 ", "type", "Transmission")).want(201).row()
			wantColumns(t, row, "id", "local_node", "address", "type", "created_at", "updated_at")
			if row["address"] != "192.168.1.100:9091" || row["type"] != "Transmission" || row["local_node"] != node {
				t.Error(row)
			}
		}},
		{"GET of one shows every column", func(t *testing.T, w *world, server string) {
			row := w.do("GET", "/torrent-servers/"+server, "").want(200).row()
			wantColumns(t, row, "id", "local_node", "address", "type", "created_at", "updated_at", "deleted_at")
			if row["deleted_at"] != nil {
				t.Error(row)
			}
		}},
		{"PUT and PATCH change it by one rule set and answer the whole row", func(t *testing.T, w *world, server string) {
			for _, method := range []string{"PUT", "PATCH"} {
				row := w.do(method, "/torrent-servers/"+server, fields("address", method+":1", "type", "Embedded", "local_node", "x", "id", nobody)).want(200).row()
				wantColumns(t, row, "id", "local_node", "address", "type", "created_at", "updated_at", "deleted_at")
				if row["address"] != method+":1" || row["type"] != "Embedded" || row["local_node"] != node || row["id"] != server {
					t.Error(row)
				}
				if stored := w.do("GET", "/torrent-servers/"+server, "").row(); stored["address"] != method+":1" {
					t.Error(stored)
				}
				w.do(method, "/torrent-servers/"+server, fields("address", "y:1")).wantErrors("type")
				w.do(method, "/torrent-servers/"+server, "{}").wantErrors("address", "type")
			}
		}},
		{"DELETE answers 204 with nothing, and then it is 404 everywhere", func(t *testing.T, w *world, server string) {
			a := w.do("DELETE", "/torrent-servers/"+server, "").want(204)
			if len(a.body) > 0 || a.Header.Get("Content-Type") != "" {
				t.Errorf("%q, %q", a.body, a.Header)
			}
			for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
				w.do(method, "/torrent-servers/"+server, "{}").want(404)
			}
			if rows := w.do("GET", "/torrent-servers", "").rows(); len(rows) > 0 {
				t.Error(rows)
			}
			kept, err := w.store.Servers().Find(t.Context(), domain.ServerFilter{WithRemoved: true})
			if err != nil || len(kept) != 1 || kept[0].DeletedAt == nil {
				t.Error(err, kept)
			}
		}},
		{"address and type are required texts", func(t *testing.T, w *world, server string) {
			routes := []string{"POST /torrent-servers", "PUT /torrent-servers/" + server, "PATCH /torrent-servers/" + server}
			for _, route := range routes {
				method, path, _ := strings.Cut(route, " ")
				for _, missing := range []any{nil, "", "  ", []any{}, map[string]any{}} {
					a := w.do(method, path, fields("address", missing, "type", missing)).wantErrors("address", "type")
					if !strings.Contains(string(a.body), `"message":"The address field is required. (and 1 more error)"`) {
						t.Errorf("%s", a.body)
					}
				}
				for _, wrong := range []any{5, 1.5, true, false, map[string]any{"a": 1}, []any{"a"}} {
					a := w.do(method, path, fields("address", wrong, "type", "Transmission")).wantErrors("address")
					if !strings.Contains(string(a.body), "must be a string") {
						t.Errorf("%s", a.body)
					}
				}
			}
		}},
		{"a type that nobody supports is 422", func(_ *testing.T, w *world, server string) {
			w.do("POST", "/torrent-servers", fields("address", "x:1", "type", "Teletype")).wantErrors("type")
			w.do("PUT", "/torrent-servers/"+server, fields("address", "x:1", "type", "Teletype")).wantErrors("type")
		}},
		{"over 255 characters are 422, and 255 are kept whole", func(t *testing.T, w *world, server string) {
			long := strings.Repeat("ä", 255)
			w.do("POST", "/torrent-servers", fields("address", long+"x", "type", "Transmission")).wantErrors("address")
			w.do("PUT", "/torrent-servers/"+server, fields("address", long+"x", "type", "Transmission")).wantErrors("address")
			w.do("POST", "/torrent-servers", fields("address", "x", "type", long+"x")).wantErrors("type")
			if row := w.do("POST", "/torrent-servers", fields("address", long, "type", "Transmission")).want(201).row(); row["address"] != long {
				t.Error(row)
			}
		}},
		{"a duplicate is its own row", func(t *testing.T, w *world, server string) {
			if w.addServer("127.0.0.1:9091") == server {
				t.Error("the same id")
			}
		}},
		{"one with open torrents is 409, unless they move", func(t *testing.T, w *world, server string) {
			id := w.addTorrent(cosmos)
			a := w.do("DELETE", "/torrent-servers/"+server, "").want(409)
			if text, _ := a.row()["message"].(string); !strings.Contains(text, "open torrents") {
				t.Errorf("%s", a.body)
			}
			w.do("DELETE", "/torrent-servers/"+server+"?move_to=there", "").wantErrors("move_to")
			w.do("DELETE", "/torrent-servers/"+server+"?move_to="+nobody, "").wantErrors("move_to")
			w.do("DELETE", "/torrent-servers/"+server+"?move_to="+server, "").wantErrors("move_to")
			other := w.addServer("other:1")
			w.do("DELETE", "/torrent-servers/"+server, fields("move_to", other)).want(204)
			if row := w.do("GET", "/torrents/"+id, "").want(200).row(); row["server_id"] != other {
				t.Error(row)
			}
		}},
		{"credentials and what to do on completion are taken and never shown", func(t *testing.T, w *world, _ string) {
			settings := []any{"address", "http://ann:old@box:1/rpc", "type", "Transmission"}
			a := w.do("POST", "/torrent-servers", fields(append(settings, "username", " bob ", "password", " pass ", "on_complete", "remove")...)).want(201)
			id := a.id()
			wantServer(t, w, id, domain.Credentials{Username: "bob", Password: " pass "}, domain.OnCompleteRemove)
			settings[1] = "box:2"
			b := w.do("PUT", "/torrent-servers/"+id, fields(settings...)).want(200)
			wantServer(t, w, id, domain.Credentials{Username: "bob", Password: " pass "}, domain.OnCompleteRemove)
			for _, shown := range []answer{a, b, w.do("GET", "/torrent-servers", "")} {
				for _, secret := range []string{"bob", "pass", "ann", "old", "complete"} {
					if strings.Contains(string(shown.body), secret) {
						t.Errorf("shows %q: %s", secret, shown.body)
					}
				}
			}
			w.do("PUT", "/torrent-servers/"+id, fields(append(settings, "username", nil, "password", "", "on_complete", nil)...)).want(200)
			wantServer(t, w, id, domain.Credentials{}, domain.OnCompleteRemove)
			w.do("PUT", "/torrent-servers/"+id, fields(append(settings, "username", 5, "password", true, "on_complete", "burn")...)).
				wantErrors("username", "password", "on_complete")
		}},
		{"members look and do not touch", func(_ *testing.T, w *world, server string) {
			member := []string{"Authorization", "Bearer member"}
			good := fields("address", "x:1", "type", "Transmission")
			w.do("GET", "/torrent-servers", "", member...).want(200)
			w.do("GET", "/torrent-servers/"+server, "", member...).want(200)
			w.do("POST", "/torrent-servers", good, member...).want(403)
			w.do("PUT", "/torrent-servers/"+server, good, member...).want(403)
			w.do("DELETE", "/torrent-servers/"+server, "", member...).want(403)
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

// wantColumns fails unless a row has exactly these.
func wantColumns(t *testing.T, row map[string]any, columns ...string) {
	t.Helper()
	for _, column := range columns {
		if _, found := row[column]; !found {
			t.Errorf("no %s in %v", column, row)
		}
	}
	if len(row) != len(columns) {
		t.Errorf("want only %v: %v", columns, row)
	}
}

func wantServer(t *testing.T, w *world, id string, credentials domain.Credentials, policy domain.OnComplete) {
	t.Helper()
	server, err := w.store.Servers().Get(t.Context(), uuid.MustParse(id))
	if err != nil || server.Credentials != credentials || server.OnComplete != policy {
		t.Errorf("%v, %+v", err, server)
	}
}
