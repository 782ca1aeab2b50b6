package aria2

import (
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"seedbox":                       "http://seedbox:6800/jsonrpc",
		"seedbox.example.org:6801":      "http://seedbox.example.org:6801/jsonrpc",
		" 127.0.0.1:80 ":                "http://127.0.0.1:80/jsonrpc",
		"[::1]":                         "http://[::1]:6800/jsonrpc",
		"seedbox:6800/jsonrpc":          "http://seedbox:6800/jsonrpc",
		"http://seedbox":                "http://seedbox/jsonrpc",
		"http://seedbox:6800/":          "http://seedbox:6800/jsonrpc",
		"HTTPS://Seedbox/aria2/jsonrpc": "https://Seedbox/aria2/jsonrpc",
		"http://[fe80::1%25eth0]:6800":  "http://[fe80::1%25eth0]:6800/jsonrpc",
	} {
		u, err := parseAddress(address)
		if err != nil {
			t.Errorf("%q: %v", address, err)
			continue
		}
		if u.String() != want {
			t.Errorf("%q: %s; want %s", address, u, want)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", " ", ":6800", "http://", "http://:6800", "seed box:6800", "seedbox:", "seedbox:port", "seedbox:0", "seedbox:65536",
		"::1", "[::1", "[seedbox]:6800", "[::1]x", "ftp://seedbox", "ws://seedbox:6800/jsonrpc", "wss://seedbox", "file:///etc/passwd",
		"http://user:secret@seedbox", "user@seedbox", "http://seedbox/jsonrpc?x=1", "http://seedbox/jsonrpc#x", "http://seedbox\\x",
		"seed\nbox", "http://seed%00box", "magnet:?xt=urn:btih:a", "http://http://seedbox",
	} {
		u, err := parseAddress(address)
		if err == nil {
			t.Errorf("%q is %s", address, u)
			continue
		}
		if all := domain.Errors(err); len(all) != 1 || all[0].Kind != domain.KindInvalid || all[0].Field != "address" {
			t.Errorf("%q: %v; want an error of kind %s, field address", address, err, domain.KindInvalid)
		}
	}
}
