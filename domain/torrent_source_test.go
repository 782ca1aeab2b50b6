package domain_test

import (
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestTorrentSource(t *testing.T) {
	t.Parallel()
	file := []byte("d4:infodee")
	for _, test := range []struct {
		source domain.TorrentSource
		field  string
	}{
		{domain.TorrentSource{MagnetURI: "x"}, ""},
		{domain.TorrentSource{File: file}, ""},
		{domain.TorrentSource{File: []byte{}}, ""}, // it is looked at when it is read
		{domain.TorrentSource{URL: "x"}, ""},
		{domain.TorrentSource{}, "magnetURI"},
		{domain.TorrentSource{MagnetURI: "x", File: file}, "file"},
		{domain.TorrentSource{MagnetURI: "x", URL: "x"}, "url"},
		{domain.TorrentSource{File: file, URL: "x"}, "url"},
		{domain.TorrentSource{MagnetURI: "x", File: file, URL: "x"}, "file"},
		{domain.TorrentSource{URL: strings.Repeat("x", domain.MaxURLLength+1)}, "url"},
	} {
		all := domain.Errors(test.source.Check())
		if test.field == "" && len(all) > 0 || test.field != "" && (len(all) != 1 || all[0].Kind != domain.KindInvalid || all[0].Field != test.field) {
			t.Errorf("%+v: %v", test.source, all)
		}
	}
}
