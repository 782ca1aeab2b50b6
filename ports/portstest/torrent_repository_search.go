package portstest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

func searchingTorrents() facts {
	search := func(t *testing.T, store Store, torrents []*domain.Torrent, filter domain.TorrentFilter, kind domain.ClientType) int {
		t.Helper()
		found, err := store.Torrents.Find(t.Context(), filter, domain.TorrentPage{Order: domain.TorrentOrder{Ascending: true}})
		ok(t, err)
		var want []*domain.Torrent
		for _, torrent := range torrents {
			if filter.Matches(torrent, kind) {
				want = append(want, torrent)
			}
		}
		if !slices.Equal(ids(found), ids(want)) {
			t.Errorf("%s: found %d, want %d", describe(filter), len(found), len(want))
		}
		return len(found)
	}
	return facts{
		"text is found in names whatever its case, in all of Unicode": func(t *testing.T, store Store) {
			server := addServer(t, store)
			var torrents []*domain.Torrent
			for i, name := range []string{
				"", "Istanbul", "ISTANBUL", "İstanbul", "ıstanbul", "istanbul", "straße", "STRAẞE", "STRASSE",
				"ΣΊΣΥΦΟΣ", "σίσυφος", "σίσυφοσ", "Война и мир", "ВОЙНА И МИР", "K2", "\u212a2", "k2", "ſaft", "Saft", "Å", "å", "\u212b", "A\u030a",
				"100%", "100 percent", "a_b", "aXb", "a!b", "a\\b", "a'b", "ａ", "Ａ", "ǅ", "ǆ", "Ǆ", "🎬 映画",
			} {
				torrents = append(torrents, addTorrent(t, store, server, func(torrent *domain.Torrent) {
					torrent.Name, torrent.CreatedAt = name, after(i)
				}))
			}
			for text, want := range map[string]int{
				"istanbul": 3, "İ": 1, "ı": 1, "STRAẞE": 2, "strasse": 1, "συφοσ": 3, "ΣΥΦΟΣ": 3, "война": 2, "k2": 3, "saft": 2, "å": 3,
				"A\u030a": 1, "%": 1, "0%": 1, "_": 1, "a_b": 1, "a!b": 1, "\\": 1, "'": 1, "Ａ": 2, "ǅ": 3, "画": 1, "nowhere": 0,
				strings.Repeat("x", domain.MaxNameLength): 0,
			} {
				if got := search(t, store, torrents, domain.TorrentFilter{NameContains: text}, ""); got != want {
					t.Errorf("%q was found in %d names, want %d", text, got, want)
				}
			}
		},
		"a name is searched as it is now": func(t *testing.T, store Store) {
			torrent := addTorrent(t, store, addServer(t, store))
			renamed := update(t, store, torrent.ID, func(torrent *domain.Torrent) { ok(t, torrent.Rename("Дом", after(1))) })
			for text, want := range map[string]int{"ДОМ": 1, "torrent": 0} {
				if got := search(t, store, []*domain.Torrent{renamed}, domain.TorrentFilter{NameContains: text}, ""); got != want {
					t.Errorf("%q was found in %d", text, got)
				}
			}
		},
		"torrents are found by the type of their server, be it removed": func(t *testing.T, store Store) {
			var torrents []*domain.Torrent
			other := addServer(t, store, func(server *domain.Server) { server.Type = "Deluge" })
			addTorrent(t, store, addServer(t, store))
			for i := range 3 {
				torrents = append(torrents, addTorrent(t, store, other, func(torrent *domain.Torrent) {
					torrent.CreatedAt, torrent.CompletedAt = after(i), ptr(after(i))
				}))
			}
			removeServer(t, store, other.ID)
			filter := domain.TorrentFilter{ClientType: "Deluge"}
			if search(t, store, torrents, filter, "Deluge") != 3 {
				t.Error("they were not")
			}
			filter.ClientType = "Nonesuch"
			search(t, store, torrents, filter, "Deluge")
		},
		"torrents are found by the content that their magnet names": func(t *testing.T, store Store) {
			var torrents []*domain.Torrent
			magnet := aMagnet(t)
			for i := range 4 {
				torrents = append(torrents, addTorrent(t, store, addServer(t, store), func(torrent *domain.Torrent) {
					torrent.CreatedAt = after(i)
					if i%2 == 0 {
						torrent.MagnetURI = magnet
					}
				}))
			}
			if search(t, store, torrents, domain.TorrentFilter{InfoHash: magnet.InfoHash()}, "") != 2 {
				t.Error("they were not")
			}
		},
		"torrents are found by when they were added and completed": func(t *testing.T, store Store) {
			server := addServer(t, store)
			var torrents []*domain.Torrent
			for i := range 12 {
				torrents = append(torrents, addTorrent(t, store, server, func(torrent *domain.Torrent) {
					torrent.CreatedAt = after(i).Add(time.Duration(i) * time.Microsecond)
					if i%3 > 0 {
						torrent.CompletedAt = ptr(torrent.CreatedAt.Add(time.Hour))
					}
				}))
			}
			far := time.Date(9999, time.December, 31, 23, 59, 59, 999999000, time.UTC)
			early := time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC)
			moments := []*time.Time{nil, &early, &far}
			for _, i := range []int{0, 4, 5, 11} {
				at := torrents[i].CreatedAt
				for _, near := range []time.Duration{-time.Microsecond, 0, time.Microsecond} {
					moments = append(moments, ptr(at.Add(near)), ptr(at.Add(time.Hour+near).In(time.FixedZone("east", 3600))))
				}
			}
			for _, from := range moments {
				for _, before := range moments {
					within := domain.TimeRange{From: from, Before: before}
					search(t, store, torrents, domain.TorrentFilter{Created: within}, "")
					search(t, store, torrents, domain.TorrentFilter{Completed: within}, "")
					search(t, store, torrents, domain.TorrentFilter{Created: within, Completed: domain.TimeRange{From: &early}}, "")
				}
			}
			if got := search(t, store, torrents, domain.TorrentFilter{Completed: domain.TimeRange{Before: &far}}, ""); got != 8 {
				t.Errorf("%d have completed", got)
			}
		},
	}
}
