package rtorrent

import (
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"seedbox":                         "tcp seedbox:5000",
		"seedbox.example.org:5001":        "tcp seedbox.example.org:5001",
		" 127.0.0.1:80 ":                  "tcp 127.0.0.1:80",
		"scgi://seedbox":                  "tcp seedbox:5000",
		"scgi://seedbox/":                 "tcp seedbox:5000",
		"SCGI://seedbox:5001":             "tcp seedbox:5001",
		"[::1]:5001":                      "tcp [::1]:5001",
		"scgi://[::1]":                    "tcp [::1]:5000",
		"scgi://[fe80::1%25eth0]:5000":    "tcp [fe80::1%eth0]:5000",
		"unix:///run/rtorrent.sock":       "unix /run/rtorrent.sock",
		"scgi:///run/r torrent.sock":      "unix /run/r torrent.sock",
		"/run/rtorrent.sock":              "unix /run/rtorrent.sock",
		"/run/a?b#c%20d":                  "unix /run/a?b#c%20d",
		"http://seedbox":                  "http://seedbox/RPC2",
		"http://seedbox:8080/":            "http://seedbox:8080/RPC2",
		"HTTPS://seedbox/user/RPC2":       "https://seedbox/user/RPC2",
		"https://seedbox/plugins/httprpc": "https://seedbox/plugins/httprpc",
	} {
		at, err := parseAddress(address)
		if err != nil {
			t.Errorf("%q: %v", address, err)
			continue
		}
		got := at.network + " " + at.address
		if at.url != nil {
			got = at.url.String()
		}
		if got != want {
			t.Errorf("%q: %s; want %s", address, got, want)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", " ", ":5000", "scgi://", "scgi://:5000", "seed box:5000", "seedbox:", "seedbox:port", "seedbox:0", "seedbox:65536", "::1",
		"[::1", "[seedbox]:5000", "ftp://seedbox", "file:///etc/passwd", "http://user:secret@seedbox", "user@seedbox", "scgi://seedbox/RPC2",
		"scgi://seedbox?x=1", "http://seedbox/RPC2#x", "seed\nbox", "unix://run/rtorrent.sock", "unix:///", "unix://", "/", "//", "/run/",
		"/run/\x00sock", "/" + strings.Repeat("long", 27), "magnet:?xt=urn:btih:a", "a,b:5000", "http://", "http://seedbox:0",
	} {
		at, err := parseAddress(address)
		if err == nil {
			t.Errorf("%q is %+v", address, at)
			continue
		}
		if all := domain.Errors(err); len(all) != 1 || all[0].Kind != domain.KindInvalid || all[0].Field != "address" {
			t.Errorf("%q: %v; want an error of kind %s, field address", address, err, domain.KindInvalid)
		}
	}
}
