//go:build linux

package main_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/internal/testkit/transmission"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// row is a torrent as REST shows it.
type row struct {
	ID          string  `json:"id"`
	ServerID    string  `json:"server_id"`
	MagnetURI   string  `json:"magnetURI"`
	Name        *string `json:"name"`
	HashString  *string `json:"hash_string"`
	CompletedAt *string `json:"completed_at"`
}

// request sends a request as the administrator and returns its status and body.
func (i *instance) request(t testing.TB, method, path, body string) (int, []byte) {
	t.Helper()
	return i.requestAs(t, adminToken, method, path, body)
}

func (i *instance) requestAs(t testing.TB, token, method, path, body string) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, i.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, content
}

// rest is request for an answer of a known status, which is decoded unless into
// is nil.
func (i *instance) rest(t testing.TB, method, path, body string, status int, into any) {
	t.Helper()
	got, content := i.request(t, method, path, body)
	if got != status {
		t.Fatalf("%s %s: %d %s; want %d", method, path, got, content, status)
	}
	if into != nil {
		if err := json.Unmarshal(content, into); err != nil {
			t.Fatalf("%s %s: %v: %s", method, path, err, content)
		}
	}
}

// graphql runs an operation that must succeed.
func (i *instance) graphql(t testing.TB, query string, variables map[string]any, into any) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	status, content := i.request(t, http.MethodPost, "/graphql", string(body))
	answer := struct {
		Data   any
		Errors json.RawMessage
	}{Data: into}
	if err := json.Unmarshal(content, &answer); err != nil || status != http.StatusOK || answer.Errors != nil {
		t.Fatalf("%s: %d %v %s", query, status, err, content)
	}
}

// add adds a torrent by its magnet link alone.
func (i *instance) add(t testing.TB, magnet string) row {
	t.Helper()
	body, err := json.Marshal(map[string]string{"magnetURI": magnet})
	if err != nil {
		t.Fatal(err)
	}
	var added row
	i.rest(t, http.MethodPost, "/api/torrents", string(body), http.StatusCreated, &added)
	return added
}

// addTo adds a torrent to one server.
func (i *instance) addTo(t testing.TB, server, magnet string) row {
	t.Helper()
	body, err := json.Marshal(map[string]string{"magnetURI": magnet, "server_id": server})
	if err != nil {
		t.Fatal(err)
	}
	var added row
	i.rest(t, http.MethodPost, "/api/torrents", string(body), http.StatusCreated, &added)
	return added
}

func (i *instance) torrent(t testing.TB, id string) row {
	t.Helper()
	var r row
	i.rest(t, http.MethodGet, "/api/torrents/"+id, "", http.StatusOK, &r)
	return r
}

// completed waits until a torrent is, and returns it.
func (i *instance) completed(t testing.TB, id string) row {
	t.Helper()
	var r row
	wait.Until(t, patience, "a completed torrent", func() bool {
		r = i.torrent(t, id)
		return r.CompletedAt != nil
	})
	return r
}

// change changes fields of a torrent. (REST wants those that are required in every
// change, too.)
func (i *instance) change(t testing.TB, r row, fields map[string]string) {
	t.Helper()
	all := map[string]string{"magnetURI": r.MagnetURI, "server_id": r.ServerID}
	maps.Copy(all, fields)
	body, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	i.rest(t, http.MethodPut, "/api/torrents/"+r.ID, string(body), http.StatusOK, nil)
}

func (i *instance) completeByHand(t testing.TB, r row) {
	t.Helper()
	i.change(t, r, map[string]string{"completed_at": "2026-01-02 03:04:05"})
}

// state is a torrent's status and the code of its problem, "" if it has none.
func (i *instance) state(t testing.TB, id string) (status, problem string) {
	t.Helper()
	var answer struct {
		Torrent struct {
			Status  string
			Problem *struct{ Code string }
		}
	}
	i.graphql(t, `query($id: ID!) { torrent(id: $id) { status problem { code } } }`, map[string]any{"id": id}, &answer)
	if answer.Torrent.Problem != nil {
		problem = answer.Torrent.Problem.Code
	}
	return answer.Torrent.Status, problem
}

// hasState waits for both.
func (i *instance) hasState(t testing.TB, id, status, problem string) {
	t.Helper()
	var s, p string
	if !wait.Poll(limited(t), func() bool {
		s, p = i.state(t, id)
		return s == status && p == problem
	}) {
		t.Fatalf("torrent %s is %s with problem %q; want %s with %q", id, s, p, status, problem)
	}
}

// useDaemon makes a daemon a server of the product and returns its id.
func (i *instance) useDaemon(t testing.TB, d *transmission.Daemon) string {
	t.Helper()
	return i.useServer(t, d.Address())
}

func (i *instance) useServer(t testing.TB, address string) string {
	t.Helper()
	var server struct{ ID string }
	i.rest(t, http.MethodPost, "/api/torrent-servers", `{"type":"Transmission","address":"`+address+`"}`, http.StatusCreated, &server)
	return server.ID
}

// failures counts how often in a row a server did not answer.
func (i *instance) failures(t testing.TB, server string) int {
	t.Helper()
	var answer struct {
		TorrentServer struct {
			Health struct{ Problem *struct{ Attempts int } }
		}
	}
	i.graphql(t, `query($id: ID!) { torrentServer(id: $id) { health { problem { attempts } } } }`, map[string]any{"id": server}, &answer)
	if answer.TorrentServer.Health.Problem == nil {
		return 0
	}
	return answer.TorrentServer.Health.Problem.Attempts
}

// completions reads the log behind a cursor.
func (i *instance) completions(t testing.TB, after string) []completion {
	t.Helper()
	var answer struct {
		Completions struct{ Nodes []completion }
	}
	i.graphql(t, `query($after: ID) { completions(first: 500, after: $after) {
		nodes { cursor torrentId name hashString completedAt } } }`, map[string]any{"after": after}, &answer)
	return answer.Completions.Nodes
}
