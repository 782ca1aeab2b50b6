package rest_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGoldenBodies holds whole answers against testdata, byte for byte but for the
// ids, which are random and are numbered in the order in which they come up.
func TestGoldenBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	scrub := scrubber()
	server, torrent := "{server}", "{torrent}"
	for i, step := range []struct{ name, method, path, body string }{
		{"client_types", "GET", "/torrent-servers/client-types", ""},
		{"servers_empty", "GET", "/torrent-servers", ""},
		{"server_added", "POST", "/torrent-servers", `{"address":"192.168.1.100:9091","type":"Transmission"}`},
		{"server_invalid", "POST", "/torrent-servers", `{"address":5}`},
		{"server", "GET", "/torrent-servers/{server}", ""},
		{"server_changed", "PUT", "/torrent-servers/{server}", `{"address":"box:9091","type":"Transmission"}`},
		{"servers", "GET", "/torrent-servers", ""},
		{"torrents_empty", "GET", "/torrents", ""},
		{"torrent_added", "POST", "/torrents", `{"magnetURI":"` + cosmos + `"}`},
		{"torrent_unnamed", "POST", "/torrents", `{"magnetURI":"` + bare + `","completed_at":""}`},
		{"torrent_invalid", "POST", "/torrents", `{"magnetURI":"http://example.org/","server_id":"x","name":[1],"hash_string":1}`},
		{"torrent_no_magnet", "POST", "/torrents", `{"magnetURI":"http://example.org/"}`},
		{"torrent_unreadable", "POST", "/torrents", `{"magnetURI":`},
		{"torrent", "GET", "/torrents/{torrent}", ""},
		{"torrent_changed", "PUT", "/torrents/{torrent}", `{"magnetURI":"` + cosmos + `","server_id":"{server}","name":"C \"L\" – <&>","hash_string":"c9e15763f722f23e98a29decdfae341b98d53056","completed_at":"2025-06-20T12:30+02:00"}`},
		{"torrent_incomplete", "PATCH", "/torrents/{torrent}/mark-incomplete", ""},
		{"torrents", "GET", "/torrents", ""},
		{"server_busy", "DELETE", "/torrent-servers/{server}", ""},
		{"torrent_removed", "DELETE", "/torrents/{torrent}", ""},
		{"torrent_unknown", "GET", "/torrents/5", ""},
		{"route_unknown", "GET", "/nothing", ""},
		{"method_not_allowed", "GET", "/torrents/{torrent}/mark-incomplete", ""},
	} {
		known := strings.NewReplacer("{server}", server, "{torrent}", torrent)
		a := w.do(step.method, known.Replace(step.path), known.Replace(step.body))
		switch step.name {
		case "server_added":
			server = a.id()
		case "torrent_added":
			torrent = a.id()
		}
		got := scrub(fmt.Sprintf("%s %s\n%s\n\n%d %s\n%s\n", step.method, known.Replace(step.path), known.Replace(step.body),
			a.StatusCode, a.Header.Get("Content-Type"), a.body))
		golden(t, fmt.Sprintf("%02d_%s.txt", i+1, step.name), got)
	}
}

// scrubber puts numbers in place of random ids.
func scrubber() func(string) string {
	ids := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	seen := map[string]string{adminID.String(): "<admin>"}
	return func(text string) string {
		return ids.ReplaceAllStringFunc(text, func(id string) string {
			if seen[id] == "" {
				seen[id] = fmt.Sprintf("<id %d>", len(seen))
			}
			return seen[id]
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if got != string(want) {
		t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
	}
}
