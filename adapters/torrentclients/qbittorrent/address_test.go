package qbittorrent

import (
	"errors"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"seedbox":                       "http://seedbox:8080/api/v2/",
		" seedbox:99 ":                  "http://seedbox:99/api/v2/",
		"[::1]":                         "http://[::1]:8080/api/v2/",
		"[::1]:99":                      "http://[::1]:99/api/v2/",
		"http://seedbox":                "http://seedbox/api/v2/",
		"https://seedbox/":              "https://seedbox/api/v2/",
		"https://seedbox/me/qbit/":      "https://seedbox/me/qbit/api/v2/",
		"https://seedbox/qbit/api/v2":   "https://seedbox/qbit/api/v2/",
		"http://127.0.0.1:8080/api/v2/": "http://127.0.0.1:8080/api/v2/",
		"seedbox/qbit":                  "http://seedbox:8080/qbit/api/v2/",
	} {
		got, err := parseAddress(address)
		if err != nil || got.String() != want {
			t.Errorf("%q: %v, error %v; want %s", address, got, err, want)
		}
	}
	for _, address := range []string{
		"", " ", "http://", "ftp://seedbox", "two words", "seedbox:", "seedbox:0", "seedbox:65536", "seedbox:x",
		"http://me:secret@seedbox", "http://seedbox/?a=b", "http://seedbox/#a", "[::x]", "::1", "a\x00b", "http://[::1",
	} {
		got, err := parseAddress(address)
		if domainErr, ok := errors.AsType[*domain.Error](err); !ok || domainErr.Kind != domain.KindInvalid || domainErr.Field != "address" {
			t.Errorf("%q: %v, error %v", address, got, err)
		}
	}
}
