package rest_test

import (
	"testing"

	"github.com/clarion-app/download-manager/adapters/rest"
)

func FuzzBody(f *testing.F) {
	for _, seed := range []struct{ kind, body string }{
		{"application/json", `{"magnetURI":"magnet:?xt=urn:btih:` + bareHash + `","server_id":null,"delete_data":1e999}`},
		{"application/json", `[{"a":"\ud800"}]`},
		{"application/x-www-form-urlencoded", "magnetURI=a&magnetURI=b&x[]=1&[=2&%zz"},
		{"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nvalue\r\n--b--\r\n"},
		{"multipart/form-data; boundary=", "--\r\n"},
		{"text/plain", "text"},
		{"", "{}"},
	} {
		f.Add(seed.kind, seed.body)
	}
	f.Fuzz(func(t *testing.T, kind, body string) {
		sent, trouble := rest.Decode(kind, []byte(body))
		if sent == nil {
			t.Error("no fields at all")
		}
		if trouble != "" && len(sent) > 0 {
			t.Errorf("fields %v in spite of: %s", sent, trouble)
		}
		// Whatever it is, the door answers, and never that it is its own fault.
		w, _ := withServer(t)
		for _, route := range [][2]string{{"POST", "/torrents"}, {"POST", "/torrent-servers"}, {"DELETE", "/torrents/" + w.addTorrent(bare)}} {
			a := w.do(route[0], route[1], body, "Content-Type", safeHeader(kind))
			if a.StatusCode >= 500 {
				t.Errorf("%s %s: %d %s", route[0], route[1], a.StatusCode, a.body)
			}
			a.want(a.StatusCode)
		}
	})
}

// safeHeader drops what no HTTP server lets through.
func safeHeader(value string) string {
	safe := []byte(value)
	for i, c := range safe {
		if c < ' ' || c == 0x7f {
			safe[i] = ' '
		}
	}
	return string(safe)
}
