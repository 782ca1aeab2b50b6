package domain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func TestCheckIdempotencyKey(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"k", "a b", "2f1c-…", strings.Repeat("🔑", domain.MaxNameLength)} {
		if err := domain.CheckIdempotencyKey(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", " ", "k ", "\tk", "a\x00b", "a\nb", "\xff", "\u0085", strings.Repeat("k", domain.MaxNameLength+1)} {
		if all := domain.Errors(domain.CheckIdempotencyKey(bad)); len(all) != 1 || all[0].Kind != domain.KindInvalid || all[0].Field != "idempotencyKey" {
			t.Errorf("%q: %v", bad, all)
		}
	}
}

func TestClaimKey(t *testing.T) {
	t.Parallel()
	magnet, err := domain.ParseMagnet("magnet:?xt=urn:btih:dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c")
	if err != nil {
		t.Fatal(err)
	}
	server, user, other := domain.Server{ID: uuid.New()}, uuid.New(), uuid.New()
	torrent, err := domain.NewTorrent(magnet, "", server, &user, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	of := func(magnet string) domain.TorrentSource { return domain.TorrentSource{MagnetURI: magnet} }
	source := of(magnet.String())
	if torrent.Key() != nil || torrent.ClaimKey("", source) == nil || torrent.Key() != nil {
		t.Error("it has a key without claiming one")
	}
	if err := torrent.ClaimKey("k", source); err != nil {
		t.Fatal(err)
	}
	key := torrent.TakeKey()
	if key == nil || key.UserID != user || key.Text != "k" || key.TorrentID != torrent.ID || torrent.TakeKey() != nil {
		t.Fatalf("took %+v", key)
	}
	for _, test := range []struct {
		fact   string
		source domain.TorrentSource
		server *uuid.UUID
		field  string
	}{
		{"the same is asked for", source, &server.ID, ""},
		{"any server is asked for", source, nil, ""},
		{"another server is asked for", source, &other, "serverId"},
		{"other trackers are asked for", of(magnet.String() + "&tr=udp%3A%2F%2Fa%3A1"), &server.ID, "magnetURI"},
		{"blanks are around it", of(" " + magnet.String() + "\n"), &server.ID, ""},
		{"all is different", of(""), &other, "magnetURI"},
		{"a file is given", domain.TorrentSource{File: []byte("d4:infodee")}, nil, "file"},
		{"an empty file is given", domain.TorrentSource{File: []byte{}}, nil, "file"},
		{"an address is given", domain.TorrentSource{URL: "https://example.org"}, nil, "url"},
	} {
		all := domain.Errors(key.Repeats(test.source, test.server))
		if test.field == "" && len(all) > 0 || test.field != "" && (len(all) != 1 || all[0].Kind != domain.KindConflict || all[0].Field != test.field) {
			t.Errorf("%s: %v", test.fact, all)
		}
	}
}

func TestTorrentFilterIsZero(t *testing.T) {
	t.Parallel()
	if !(domain.TorrentFilter{}).IsZero() {
		t.Error("no filter narrows")
	}
	no, now := false, time.Now()
	for _, filter := range []domain.TorrentFilter{
		{IDs: []uuid.UUID{}},
		{UserID: &uuid.Nil},
		{HasProblem: &no},
		{Status: domain.StatusQueued},
		{NameContains: "x"},
		{ClientType: "x"},
		{Created: domain.TimeRange{From: &now}},
		{Completed: domain.TimeRange{Before: &now}},
	} {
		if filter.IsZero() {
			t.Errorf("%+v narrows nothing", filter)
		}
	}
}
