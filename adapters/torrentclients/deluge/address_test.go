package deluge

import (
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("ab", 32)
	for address, want := range map[string]endpoint{
		"seedbox":               {address: "seedbox:58846"},
		" 127.0.0.1:80 ":        {address: "127.0.0.1:80"},
		"deluge_1":              {address: "deluge_1:58846"},
		"[::1]:58846":           {address: "[::1]:58846"},
		"[::1]":                 {address: "[::1]:58846"},
		"deluge://seedbox":      {address: "seedbox:58846"},
		"Deluge://seedbox:1/":   {address: "seedbox:1"},
		"[fe80::1%25eth0]:1":    {address: "[fe80::1%eth0]:1"},
		"seedbox#sha256=" + sum: {address: "seedbox:58846", fingerprint: sum},
		"seedbox:1#SHA256=" + strings.TrimSuffix(strings.Repeat("AB:", 32), ":"): {address: "seedbox:1", fingerprint: sum},
	} {
		if got, err := parseAddress(address); err != nil || got != want {
			t.Errorf("%q: %+v, error %v; want %+v", address, got, err, want)
		}
	}
	for _, address := range []string{
		"", " ", ":58846", "deluge://", "seed box:58846", "seedbox:", "seedbox:port", "seedbox:0", "seedbox:65536", "::1", "::1:58846",
		"[::1", "[seedbox]:58846", "[::1]x", "http://seedbox:8112", "ftp://seedbox", "unix:///run/deluge", "user:secret@seedbox",
		"seedbox/path", "seedbox?x=1", "seedbox#", "seedbox#sha256=", "seedbox#sha256=abc", "seedbox#md5=" + sum, "seed\nbox", "a,b:1",
	} {
		e, err := parseAddress(address)
		if err == nil {
			t.Errorf("%q is %+v", address, e)
			continue
		}
		if all := domain.Errors(err); len(all) != 1 || all[0].Kind != domain.KindInvalid || all[0].Field != "address" {
			t.Errorf("%q: %v; want an error of kind %s, field address", address, err, domain.KindInvalid)
		}
	}
}
