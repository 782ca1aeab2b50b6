package domain_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

func TestWishesCheck(t *testing.T) {
	t.Parallel()
	stop, burn := domain.OnCompleteStop, domain.OnComplete("BURN")
	good := domain.Wishes{
		Paused: domain.Some(true), Verify: true, Name: domain.Some(" any\x00 "), Label: domain.Some("Films, ü"), Folder: domain.Some("/srv"),
		Priority: domain.Some(domain.PriorityLow), DownloadLimit: domain.Some[int64](1_000_000_000_000), UploadLimit: domain.Some[int64](0),
		Unwanted: domain.Some(make([]int, domain.MostUnwanted)), OnComplete: domain.Some(&stop),
		SeedRatio: domain.Some(ptr(1_000_000.0)), SeedTime: domain.Some(ptr(time.Duration(0))),
	}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	if err := (domain.Wishes{OnComplete: domain.Some[*domain.OnComplete](nil), Folder: domain.Some("")}).Check(); err != nil {
		t.Error(err)
	}
	for name, one := range map[string]struct {
		wishes domain.Wishes
		field  string
	}{
		"a name too long":            {domain.Wishes{Name: domain.Some(strings.Repeat("x", domain.MaxNameLength+1))}, "name"},
		"a label too long":           {domain.Wishes{Label: domain.Some(strings.Repeat("x", domain.MaxNameLength+1))}, "label"},
		"a label of controls":        {domain.Wishes{Label: domain.Some("a\nb")}, "label"},
		"a label with blanks":        {domain.Wishes{Label: domain.Some(" a")}, "label"},
		"a label that is no text":    {domain.Wishes{Label: domain.Some("\xff")}, "label"},
		"a folder that leads away":   {domain.Wishes{Folder: domain.Some("/srv/../etc")}, "folder"},
		"no priority":                {domain.Wishes{Priority: domain.Some(domain.Priority("URGENT"))}, "priority"},
		"an empty priority":          {domain.Wishes{Priority: domain.Some(domain.Priority(""))}, "priority"},
		"a limit below 0":            {domain.Wishes{DownloadLimit: domain.Some[int64](-1)}, "downloadLimit"},
		"a limit beyond all":         {domain.Wishes{UploadLimit: domain.Some[int64](math.MaxInt64)}, "uploadLimit"},
		"a file below 0":             {domain.Wishes{Unwanted: domain.Some([]int{-1})}, "unwantedFiles"},
		"a file beyond all":          {domain.Wishes{Unwanted: domain.Some([]int{math.MaxInt32})}, "unwantedFiles"},
		"too many files":             {domain.Wishes{Unwanted: domain.Some(make([]int, domain.MostUnwanted+1))}, "unwantedFiles"},
		"a policy that there is not": {domain.Wishes{OnComplete: domain.Some(&burn)}, "onComplete"},
		"a ratio below 0":            {domain.Wishes{SeedRatio: domain.Some(ptr(-0.1))}, "seedRatio"},
		"a ratio that is no number":  {domain.Wishes{SeedRatio: domain.Some(ptr(math.NaN()))}, "seedRatio"},
		"an endless ratio":           {domain.Wishes{SeedRatio: domain.Some(ptr(math.Inf(1)))}, "seedRatio"},
		"a time below 0":             {domain.Wishes{SeedTime: domain.Some(ptr(-time.Second))}, "seedTime"},
		"a time beyond all":          {domain.Wishes{SeedTime: domain.Some(ptr(time.Duration(math.MaxInt64)))}, "seedTime"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			isInvalid(t, one.wishes.Check(), one.field)
			server := newServer(t)
			torrent := newTorrent(t, server)
			before := whole(torrent)
			one.wishes.Paused = domain.Some(true)
			isInvalid(t, torrent.Wish(one.wishes, *server, domain.AllCapabilities(), later), one.field)
			if whole(torrent) != before || len(torrent.TakeEvents()) > 0 {
				t.Error("something was changed")
			}
		})
	}
}

// newTorrent returns a torrent of server whose birth was told.
func newTorrent(t *testing.T, server *domain.Server) *domain.Torrent {
	t.Helper()
	torrent, err := domain.NewTorrent(magnet(t, bunny), "", *server, nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	torrent.TakeEvents()
	return torrent
}

func TestWish(t *testing.T) {
	t.Parallel()
	all := domain.AllCapabilities()

	t.Run("several wishes are one event", func(t *testing.T) {
		t.Parallel()
		server := newServer(t)
		torrent := newTorrent(t, server)
		wishes := domain.Wishes{
			Name: domain.Some("mine"), Label: domain.Some("films"), Paused: domain.Some(true), Unwanted: domain.Some([]int{4, 2, 4}),
			SeedTime: domain.Some(ptr(90*time.Second + 1)),
		}
		if err := torrent.Wish(wishes, *server, all, later); err != nil {
			t.Fatal(err)
		}
		events := torrent.TakeEvents()
		if len(events) != 1 || events[0].Type != domain.EventChanged || events[0].Name != "mine" || torrent.UpdatedAt != domain.Instant(later) {
			t.Errorf("%+v", events)
		}
		if !slices.Equal(torrent.Unwanted, []int{2, 4}) || *torrent.SeedTime != 90*time.Second || !torrent.Renamed {
			t.Errorf("%+v", torrent)
		}
		if got := torrent.Unapplied.Names(); !slices.Equal(got, []domain.TorrentSetting{"PAUSED", "NAME", "LABEL", "UNWANTED_FILES"}) {
			t.Errorf("pending %v", got)
		}
		if err := torrent.Wish(wishes, *server, all, later.Add(time.Hour)); err != nil || len(torrent.TakeEvents()) > 0 {
			t.Error("the same again is told", err)
		}
	})

	t.Run("a folder must be one of the server's", func(t *testing.T) {
		t.Parallel()
		server := newServer(t)
		torrent := newTorrent(t, server)
		wishes := domain.Wishes{Folder: domain.Some("/srv/films")}
		isInvalid(t, torrent.Wish(wishes, *server, all, later), "folder")
		server.Folders = []string{"/srv/music"}
		isInvalid(t, torrent.Wish(wishes, *server, all, later), "folder")
		server.Folders = append(server.Folders, "/srv")
		if err := torrent.Wish(wishes, *server, all, later); err != nil || torrent.Folder != "/srv/films" {
			t.Error(torrent.Folder, err)
		}
		elsewhere := newServer(t)
		torrent.AssignServer(*elsewhere, later)
		if torrent.Folder != "" || torrent.Unapplied.Has(domain.SettingFolder) {
			t.Error("it goes along where it is not allowed")
		}
	})

	t.Run("a torrent whose client refuses it is tried at once under another wish", func(t *testing.T) {
		t.Parallel()
		server := newServer(t)
		torrent := newTorrent(t, server)
		torrent.Refuse(*server, torrent.InfoHash(), "no such category", later)
		if err := torrent.Wish(domain.Wishes{Label: domain.Some("other")}, *server, all, later); err != nil || torrent.Problem != nil {
			t.Errorf("%+v, %v", torrent.Problem, err)
		}
	})

	t.Run("all that is wrong is told at once", func(t *testing.T) {
		t.Parallel()
		server := newServer(t)
		torrent := newTorrent(t, server)
		err := torrent.Wish(domain.Wishes{
			Paused: domain.Some(true), Verify: true, DownloadLimit: domain.Some[int64](1), UploadLimit: domain.Some[int64](1),
		}, *server, nil, later)
		var fields []string
		for _, one := range domain.Errors(err) {
			fields = append(fields, one.Field)
		}
		if !slices.Equal(fields, []string{"paused", "verify", "downloadLimit", "uploadLimit"}) {
			t.Errorf("fields %v", fields)
		}
	})

	t.Run("a hand-over has what is wished and what the client can do", func(t *testing.T) {
		t.Parallel()
		server := newServer(t)
		torrent := newTorrent(t, server)
		if h := torrent.Handover(nil, all); !h.Settings.IsZero() || h.Paused {
			t.Errorf("nothing is wished: %+v", h)
		}
		err := torrent.Wish(domain.Wishes{
			Name: domain.Some("mine"), Label: domain.Some("films"), Paused: domain.Some(true), Unwanted: domain.Some([]int{2}),
			DownloadLimit: domain.Some[int64](1), Verify: true,
		}, *server, all, later)
		if err != nil {
			t.Fatal(err)
		}
		h := torrent.Handover(nil, all)
		if s := h.Settings; !h.Paused || *s.Label != "films" || *s.DownloadLimit != 1 || s.UploadLimit != nil || s.Name != nil || s.Unwanted != nil || s.Priority != nil {
			t.Errorf("of a magnet: %+v", h)
		}
		h = torrent.Handover([]byte("d4:infoe"), all.Without(domain.CapabilityPause, domain.CapabilityLabel))
		if s := h.Settings; h.Paused || s.Label != nil || *s.Name != "mine" || !slices.Equal(*s.Unwanted, []int{2}) || h.Metainfo == nil {
			t.Errorf("of a file: %+v", h)
		}
	})
}

var later = noon.Add(time.Hour)
