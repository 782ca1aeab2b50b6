//go:build linux

package main_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/transmission"
)

// adding is one of the ways in which a torrent becomes known.
type adding struct {
	name string
	add  func(*testing.T, *instance, *seeder.Seeder) row
}

// TestTorrentFiles adds torrents as files, by curl through both doors, and by their
// URLs; a real client downloads them, and completes. (To Transmission all peers of one
// address are one peer, so that only one seeder gets along with a daemon at a time.)
func TestTorrentFiles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		database string
		version  transmission.Version
		ways     []adding
	}{
		"SQLite, Transmission 4.1":    {"SQLite", transmission.V4, []adding{{"REST", fileOverREST}, {"URL to a magnet", magnetByURL}}},
		"Postgres, Transmission 3.00": {"Postgres", transmission.V3, []adding{{"GraphQL", fileOverGraphQL}, {"URL", fileByURL}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := transmissionClient(test.version)(t)
			product := start(t, databases[test.database](t).with(client.settings).with(settings{"FETCH_PRIVATE": "on"}))
			client.attach(t, product)
			for _, way := range test.ways {
				t.Run(way.name, func(t *testing.T) { // the seeder ends with it, and is in nobody's way
					film := newSeeder(t, way.name+".mkv")
					client.magnet(film) // which makes it reachable
					added := way.add(t, product, film)
					if !strings.Contains(added.MagnetURI, film.InfoHash()) || text(added.Name) != film.Name() {
						t.Errorf("added %+v", added)
					}
					done := product.completed(t, added.ID)
					if text(done.HashString) != film.InfoHash() {
						t.Errorf("completed %+v", done)
					}
					onDisk(t, client.folder(product), film)
				})
			}
		})
	}
}

// curl sends a form to the product as the administrator.
func curl(t *testing.T, product *instance, path string, form ...string) []byte {
	t.Helper()
	args := []string{"-sS", product.url + path, "-H", "Authorization: Bearer " + adminToken}
	for _, field := range form {
		args = append(args, "-F", field)
	}
	output, err := exec.Command("curl", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("curl: %v: %s", err, output)
	}
	return output
}

func saved(t *testing.T, film *seeder.Seeder) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "a.torrent")
	if err := os.WriteFile(path, film.Metainfo(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func fileOverREST(t *testing.T, product *instance, film *seeder.Seeder) (added row) {
	t.Helper()
	answer := curl(t, product, "/api/torrents", `torrent=@"`+saved(t, film)+`"`)
	if err := json.Unmarshal(answer, &added); err != nil || added.ID == "" {
		t.Fatalf("%v: %s", err, answer)
	}
	return added
}

func fileOverGraphQL(t *testing.T, product *instance, film *seeder.Seeder) row {
	t.Helper()
	answer := curl(t, product, "/graphql",
		`operations={"query": "mutation($file: Upload) { addTorrent(input: {file: $file}) { torrent { id } } }", "variables": {"file": null}}`,
		`map={"film": ["variables.file"]}`, `film=@"`+saved(t, film)+`"`)
	var got struct {
		Data struct {
			AddTorrent struct{ Torrent struct{ ID string } }
		}
	}
	if err := json.Unmarshal(answer, &got); err != nil || got.Data.AddTorrent.Torrent.ID == "" {
		t.Fatalf("%v: %s", err, answer)
	}
	return product.torrent(t, got.Data.AddTorrent.Torrent.ID)
}

func fileByURL(t *testing.T, product *instance, film *seeder.Seeder) row {
	t.Helper()
	return byURL(t, product, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(film.Metainfo()) })
}

func magnetByURL(t *testing.T, product *instance, film *seeder.Seeder) row {
	t.Helper()
	return byURL(t, product, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", film.Magnet())
		w.WriteHeader(http.StatusFound)
	})
}

// byURL adds what a web server on this machine has.
func byURL(t *testing.T, product *instance, serve http.HandlerFunc) (added row) {
	t.Helper()
	web := httptest.NewServer(serve)
	defer web.Close()
	product.rest(t, http.MethodPost, "/api/torrents", `{"url":"`+web.URL+`/download?id=1"}`, http.StatusCreated, &added)
	return added
}

// TestTorrentsByURLStayOutside: without being told otherwise, nobody can make the
// product ask this machine, its own doors included.
func TestTorrentsByURLStayOutside(t *testing.T) {
	t.Parallel()
	product := start(t, onSQLite(t))
	asked := false
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	for _, url := range []string{web.URL, strings.Replace(web.URL, "127.0.0.1", "localhost", 1), product.url + "/healthz/readiness", "http://169.254.169.254/"} {
		var answer struct{ Errors map[string][]string }
		product.rest(t, http.MethodPost, "/api/torrents", `{"url":"`+url+`"}`, http.StatusUnprocessableEntity, &answer)
		if len(answer.Errors["url"]) != 1 || !strings.Contains(answer.Errors["url"][0], "private address") {
			t.Errorf("%s: %v", url, answer)
		}
	}
	web.Close()
	if asked {
		t.Error("it was asked")
	}
}
