package portstest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// TorrentRepository is the contract of ports.TorrentRepository.
func TorrentRepository(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	storingNewTorrents().prove(t, open)
	findingTorrents().prove(t, open)
	orderingTorrents().prove(t, open)
	searchingTorrents().prove(t, open)
	updatingTorrents().prove(t, open)
	fencedUpdates().prove(t, open)
	openTorrents().prove(t, open)
}

// wholeTorrent returns a torrent with something unusual in every field but
// DeletedAt.
func wholeTorrent(t *testing.T, server *domain.Server) *domain.Torrent {
	t.Helper()
	torrent := aTorrent(t, server, after(1))
	torrent.LocalNode = "Knoten-Ü"
	torrent.UserID = ptr(uuid.New())
	torrent.MagnetURI = parse(t, "magnet:?dn=%E6%98%A0%E7%94%BB+ünï&xt=urn:btih:CSKJKX67KK62G63ATKI26N26ALJ6UEBG"+
		strings.Repeat("&tr=https%3A%2F%2Ftracker.example%2Fannounce%3Fid%3D'\"\\", 900))
	torrent.HashString = "Claimed, not believed: ✓"
	torrent.Name = strings.Repeat("🎬", domain.MaxNameLength)
	torrent.CompletedAt = ptr(after(2))
	torrent.UpdatedAt = after(3)
	torrent.AcceptedAt = ptr(after(4))
	torrent.Begun = true
	torrent.MissingSince = ptr(after(5))
	torrent.Problem = &domain.Problem{
		Code: domain.ProblemRefused, Message: "'twas \"refused\" \\ – ünï ✗", Since: after(6),
		Attempts: 7, RetryAt: ptr(after(8)),
	}
	wishEverything(torrent)
	return torrent
}

// wishEverything wishes something unusual in every way.
func wishEverything(torrent *domain.Torrent) {
	torrent.Paused, torrent.Renamed, torrent.Seeding, torrent.Priority = true, true, true, domain.PriorityLow
	torrent.Label, torrent.Folder = strings.Repeat("ü", domain.MaxNameLength), `/srv/'films' "\ – ünï/`+strings.Repeat("🎬", 900)
	torrent.DownloadLimit, torrent.UploadLimit = ptr(int64(1_000_000_000_000)), ptr(int64(1))
	torrent.Unwanted = []int{0, 1, 2, 5, 7, 8, 10_000_000}
	torrent.OnComplete, torrent.SeedRatio, torrent.SeedTime = ptr(domain.OnCompleteStop), ptr(0.1), ptr(876_000*time.Hour)
	torrent.Unapplied = domain.SettingPaused | domain.SettingUnwanted
}

func storingNewTorrents() facts {
	return facts{
		"a torrent is got as it was added, in every field": func(t *testing.T, store Store) {
			torrent := wholeTorrent(t, addServer(t, store))
			ok(t, store.Torrents.Add(t.Context(), torrent))
			got, err := store.Torrents.Get(t.Context(), torrent.ID)
			ok(t, err)
			same(t, got, torrent)
		},
		"a torrent that has only what it must is got as it was added": func(t *testing.T, store Store) {
			torrent := addTorrent(t, store, addServer(t, store), func(torrent *domain.Torrent) { torrent.Name = "" })
			got, err := store.Torrents.Get(t.Context(), torrent.ID)
			ok(t, err)
			same(t, got, torrent)
		},
		"a magnet is kept byte for byte": func(t *testing.T, store Store) {
			server := addServer(t, store)
			const start = "magnet:?xt=urn:btih:DD8255ECDC7CA55FB0BBF81323D87062DB1F6D1C&dn=Big+Buck+Bunny"
			for _, text := range []string{
				start, "MAGNET" + start[len("magnet"):],
				start + "&dn=100%&x=%zz&%ff=\\x00'--;", start + "&dn=\u202eüñ\u0301😀",
				start + "&tr=" + strings.Repeat("x", domain.MaxMagnetLength-len(start)-len("&tr=")),
			} {
				torrent := addTorrent(t, store, server, func(torrent *domain.Torrent) { torrent.MagnetURI = parse(t, text) })
				got, err := store.Torrents.Get(t.Context(), torrent.ID)
				ok(t, err)
				if got.MagnetURI.String() != text {
					t.Errorf("magnet %.200q became %.200q", text, got.MagnetURI)
				}
			}
		},
		"what a caller does to a torrent after adding or getting it is not stored": func(t *testing.T, store Store) {
			torrent := wholeTorrent(t, addServer(t, store))
			ok(t, store.Torrents.Add(t.Context(), torrent))
			spoil := func(torrent *domain.Torrent) {
				torrent.Name, *torrent.UserID, *torrent.CompletedAt = "spoilt", uuid.New(), after(500)
				torrent.Problem.Message, *torrent.Problem.RetryAt = "spoilt", after(500)
				torrent.Unwanted[0], *torrent.OnComplete, *torrent.SeedRatio, *torrent.SeedTime = 4, "spoilt", 9, 9
				*torrent.DownloadLimit, *torrent.UploadLimit = 9, 9
			}
			want := remember(torrent)
			spoil(torrent)
			got, err := store.Torrents.Get(t.Context(), torrent.ID)
			ok(t, err)
			same(t, got, want)
			spoil(got)
			got, err = store.Torrents.Get(t.Context(), torrent.ID)
			ok(t, err)
			same(t, got, want)
		},
		"adding logs what the torrents have recorded, once and in order": func(t *testing.T, store Store) {
			server := addServer(t, store)
			first, second := aTorrent(t, server, after(1)), aTorrent(t, server, after(2))
			ok(t, second.Rename("renamed", after(3)))
			ok(t, store.Torrents.Add(t.Context(), first, second))
			events := logged(t, store)
			if kinds(events) != "[ADDED ADDED CHANGED]" {
				t.Fatalf("logged %s", kinds(events))
			}
			if events[0].TorrentID != first.ID || events[1].TorrentID != second.ID {
				t.Error("events are not in the order of the torrents")
			}
			update(t, store, first.ID, func(*domain.Torrent) {})
			if again := logged(t, store); len(again) != 3 {
				t.Errorf("later there were %d events", len(again))
			}
		},
		"torrents are added all or none": func(t *testing.T, store Store) {
			server, gone := addServer(t, store), addServer(t, store)
			removeServer(t, store, gone.ID)
			good, bad := aTorrent(t, server, morning), aTorrent(t, gone, morning)
			fails(t, store.Torrents.Add(t.Context(), good, bad), domain.KindInvalid, "serverId")
			_, err := store.Torrents.Get(t.Context(), good.ID)
			fails(t, err, domain.KindNotFound)
			if events := logged(t, store); len(events) > 0 {
				t.Errorf("logged %s", kinds(events))
			}
		},
		"adding to a removed server is invalid": func(t *testing.T, store Store) {
			server := addServer(t, store)
			removeServer(t, store, server.ID)
			fails(t, store.Torrents.Add(t.Context(), aTorrent(t, server, morning)), domain.KindInvalid, "serverId")
		},
		"adding to an unknown server is invalid": func(t *testing.T, store Store) {
			fails(t, store.Torrents.Add(t.Context(), aTorrent(t, aServer(t, morning), morning)), domain.KindInvalid, "serverId")
		},
		"adding no torrents does nothing": func(t *testing.T, store Store) {
			ok(t, store.Torrents.Add(t.Context()))
		},
		"two torrents may name the same content on the same server": func(t *testing.T, store Store) {
			server := addServer(t, store)
			first := addTorrent(t, store, server)
			addTorrent(t, store, server, func(torrent *domain.Torrent) { torrent.MagnetURI = first.MagnetURI })
		},
		"a thousand torrents are added and updated at once": func(t *testing.T, store Store) {
			server := addServer(t, store)
			var torrents []*domain.Torrent
			for i := range 1000 {
				torrents = append(torrents, aTorrent(t, server, after(i)))
			}
			ok(t, store.Torrents.Add(t.Context(), torrents...))
			updated, err := store.Torrents.Update(t.Context(), ids(torrents), nil, func(torrent *domain.Torrent) error {
				return torrent.Rename(torrent.Name+" renamed", after(2000))
			})
			ok(t, err)
			if len(updated) != len(torrents) || len(logged(t, store)) != 2*len(torrents) {
				t.Errorf("updated %d, logged %d", len(updated), len(logged(t, store)))
			}
		},
		"a torrent that nobody added is not found": func(t *testing.T, store Store) {
			_, err := store.Torrents.Get(t.Context(), uuid.New())
			fails(t, err, domain.KindNotFound)
		},
		"a removed torrent is not found": func(t *testing.T, store Store) {
			torrent := addTorrent(t, store, addServer(t, store))
			removeTorrent(t, store, torrent.ID)
			_, err := store.Torrents.Get(t.Context(), torrent.ID)
			fails(t, err, domain.KindNotFound)
			found, err := store.Torrents.Find(t.Context(), domain.TorrentFilter{IDs: []uuid.UUID{torrent.ID}}, domain.TorrentPage{})
			ok(t, err)
			if len(found) > 0 {
				t.Error("it was found by its id")
			}
		},
		"an ended context ends every call on torrents": func(t *testing.T, store Store) {
			server := addServer(t, store)
			torrent := addTorrent(t, store, server)
			refuses(t, map[string]func(ctx context.Context) error{
				"Add": func(ctx context.Context) error { return store.Torrents.Add(ctx, aTorrent(t, server, morning)) },
				"Get": func(ctx context.Context) error { _, err := store.Torrents.Get(ctx, torrent.ID); return err },
				"Find": func(ctx context.Context) error {
					_, err := store.Torrents.Find(ctx, domain.TorrentFilter{}, domain.TorrentPage{})
					return err
				},
				"Update": func(ctx context.Context) error {
					_, err := store.Torrents.Update(ctx, []uuid.UUID{torrent.ID}, nil, func(torrent *domain.Torrent) error {
						return torrent.Rename("renamed", after(1))
					})
					return err
				},
				"Open": func(ctx context.Context) error { _, err := store.Torrents.Open(ctx, server.ID); return err },
			})
			if events := logged(t, store); len(events) != 1 {
				t.Errorf("logged %s", kinds(events))
			}
		},
		"many torrents are added at once by many callers": func(t *testing.T, store Store) {
			server := addServer(t, store)
			torrents := make([]*domain.Torrent, 16)
			for i := range torrents {
				torrents[i] = aTorrent(t, server, after(i))
				torrents[i].Name = fmt.Sprint(i)
			}
			for _, err := range together(len(torrents), func(i int) error { return store.Torrents.Add(t.Context(), torrents[i]) }) {
				ok(t, err)
			}
			found, err := store.Torrents.Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{})
			ok(t, err)
			if len(found) != len(torrents) || len(logged(t, store)) != len(torrents) {
				t.Errorf("found %d torrents and %d events", len(found), len(logged(t, store)))
			}
		},
	}
}
