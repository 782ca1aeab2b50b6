package transmission

import (
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"seedbox":                               "http://seedbox:9091/transmission/rpc",
		"seedbox.example.org:9091":              "http://seedbox.example.org:9091/transmission/rpc",
		" 127.0.0.1:80 ":                        "http://127.0.0.1:80/transmission/rpc",
		"transmission_1:9091":                   "http://transmission_1:9091/transmission/rpc",
		"[::1]:9091":                            "http://[::1]:9091/transmission/rpc",
		"[::1]":                                 "http://[::1]:9091/transmission/rpc",
		"seedbox:9091/other/rpc":                "http://seedbox:9091/other/rpc",
		"http://seedbox":                        "http://seedbox/transmission/rpc",
		"http://seedbox/":                       "http://seedbox/transmission/rpc",
		"http://seedbox:9091/":                  "http://seedbox:9091/transmission/rpc",
		"http://seedbox:9091/transmission/rpc":  "http://seedbox:9091/transmission/rpc",
		"HTTPS://Seedbox/user/transmission/rpc": "https://Seedbox/user/transmission/rpc",
		"https://seedbox/rpc/":                  "https://seedbox/rpc/",
		"http://[fe80::1%25eth0]:9091":          "http://[fe80::1%25eth0]:9091/transmission/rpc",
		"bücher.example":                        "http://b%C3%BCcher.example:9091/transmission/rpc",
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
		"", " ", ":9091", "http://", "http://:9091", "seed box:9091", "seedbox:", "seedbox:port", "seedbox:0", "seedbox:65536",
		"::1", "::1:9091", "[::1", "[seedbox]:9091", "[::1]x", "ftp://seedbox", "unix:///run/transmission", "file:///etc/passwd",
		"http://user:secret@seedbox", "user@seedbox", "http://seedbox/rpc?x=1", "http://seedbox/rpc#x", "http://seedbox\\x", "seed\nbox",
		"http://seed%00box", "magnet:?xt=urn:btih:a", "a,b:9091", "http://http://seedbox",
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
