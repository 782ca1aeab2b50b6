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
	if torrent.Key() != nil || torrent.ClaimKey("") == nil || torrent.Key() != nil {
		t.Error("it has a key without claiming one")
	}
	if err := torrent.ClaimKey("k"); err != nil {
		t.Fatal(err)
	}
	key := torrent.TakeKey()
	if key == nil || key.UserID != user || key.Text != "k" || key.TorrentID != torrent.ID || torrent.TakeKey() != nil {
		t.Fatalf("took %+v", key)
	}
	for _, test := range []struct {
		fact   string
		magnet string
		server *uuid.UUID
		field  string
	}{
		{"the same is asked for", magnet.String(), &server.ID, ""},
		{"any server is asked for", magnet.String(), nil, ""},
		{"another server is asked for", magnet.String(), &other, "serverId"},
		{"other trackers are asked for", magnet.String() + "&tr=udp%3A%2F%2Fa%3A1", &server.ID, "magnetURI"},
		{"all is different", "", &other, "magnetURI"},
	} {
		all := domain.Errors(key.Repeats(test.magnet, test.server))
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
