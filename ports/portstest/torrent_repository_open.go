package portstest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func openTorrents() facts {
	return facts{
		"open torrents are told as a check needs them, oldest first": func(t *testing.T, store Store) {
			server := addServer(t, store)
			var want []domain.OpenTorrent
			var torrents []*domain.Torrent
			for i, alter := range openVariety(t) {
				torrent := aTorrent(t, server, after(i))
				alter(torrent)
				open := domain.OpenTorrent{
					ID: torrent.ID, InfoHash: torrent.InfoHash(), Accepted: torrent.AcceptedAt != nil,
					Named:        torrent.Name != "" && torrent.Name != torrent.HashString,
					MissingSince: torrent.MissingSince, Unapplied: torrent.Unapplied,
				}
				if torrent.CompletedAt != nil {
					open.Completed = &domain.CompletedTorrent{At: *torrent.CompletedAt, Seeding: torrent.Seeding, SeedingWish: torrent.SeedingWish}
				}
				if torrent.Problem != nil {
					open.ProblemCode, open.RetryAt = torrent.Problem.Code, torrent.Problem.RetryAt
				}
				torrents, want = append(torrents, torrent), append(want, open)
			}
			backwards := slices.Clone(torrents)
			slices.Reverse(backwards)
			ok(t, store.Torrents.Add(t.Context(), backwards...))
			got, err := store.Torrents.Open(t.Context(), server.ID)
			ok(t, err)
			same(t, got, want)
		},
		"completed torrents are told only as long as there is something to do": func(t *testing.T, store Store) {
			server := addServer(t, store)
			completed := func(alter func(*domain.Torrent)) *domain.Torrent {
				return addTorrent(t, store, server, func(torrent *domain.Torrent) {
					torrent.AcceptedAt, torrent.CompletedAt = ptr(after(1)), ptr(after(2))
					alter(torrent)
				})
			}
			completed(func(*domain.Torrent) {})
			completed(func(torrent *domain.Torrent) { torrent.Unapplied, torrent.AcceptedAt = domain.SettingLabel, nil }) // by hand
			completed(func(torrent *domain.Torrent) { torrent.Seeding, torrent.DeletedAt = true, ptr(after(3)) })
			seeds := completed(func(torrent *domain.Torrent) { torrent.Seeding = true })
			open, err := store.Torrents.Open(t.Context(), server.ID)
			ok(t, err)
			if len(open) != 1 || open[0].ID != seeds.ID {
				t.Fatalf("attended are %+v", open)
			}
			update(t, store, seeds.ID, func(torrent *domain.Torrent) { torrent.Seeding, torrent.Unapplied = false, domain.SettingLabel })
			if open, err = store.Torrents.Open(t.Context(), server.ID); err != nil || len(open) != 1 || open[0].Completed.Seeding {
				t.Fatalf("attended are %+v, %v", open, err)
			}
			update(t, store, seeds.ID, func(torrent *domain.Torrent) { torrent.Unapplied = 0 })
			if open, err = store.Torrents.Open(t.Context(), server.ID); err != nil || len(open) > 0 {
				t.Fatalf("attended are %+v, %v", open, err)
			}
		},
		"completed, removed and other servers' torrents are not open": func(t *testing.T, store Store) {
			server, other := addServer(t, store), addServer(t, store)
			addTorrent(t, store, server, func(torrent *domain.Torrent) { torrent.CompletedAt = ptr(after(1)) })
			addTorrent(t, store, other)
			removeTorrent(t, store, addTorrent(t, store, server).ID)
			open := addTorrent(t, store, server)
			got, err := store.Torrents.Open(t.Context(), server.ID)
			ok(t, err)
			if len(got) != 1 || got[0].ID != open.ID {
				t.Errorf("open are %d torrents", len(got))
			}
		},
		"a torrent with another magnet is open under its new infohash": func(t *testing.T, store Store) {
			server := addServer(t, store)
			torrent, magnet := addTorrent(t, store, server), aMagnet(t)
			update(t, store, torrent.ID, func(torrent *domain.Torrent) { torrent.ReplaceMagnet(magnet, after(1)) })
			got, err := store.Torrents.Open(t.Context(), server.ID)
			ok(t, err)
			if len(got) != 1 || got[0].InfoHash != magnet.InfoHash() {
				t.Errorf("open are %v", got)
			}
		},
		"a server that holds none has no open torrents": func(t *testing.T, store Store) {
			for _, id := range []uuid.UUID{addServer(t, store).ID, uuid.New()} {
				got, err := store.Torrents.Open(t.Context(), id)
				ok(t, err)
				if len(got) > 0 {
					t.Errorf("open are %d", len(got))
				}
			}
		},
	}
}

// openVariety is open torrents of every sort.
func openVariety(t *testing.T) []func(*domain.Torrent) {
	t.Helper()
	problem := func(code domain.ProblemCode, retryAt *time.Time) *domain.Problem {
		return &domain.Problem{Code: code, Message: "trouble", Since: after(1), RetryAt: retryAt}
	}
	return []func(*domain.Torrent){
		func(*domain.Torrent) {},
		func(torrent *domain.Torrent) { torrent.Name = "" },
		func(torrent *domain.Torrent) { torrent.Name, torrent.HashString = "claimed", "claimed" },
		func(torrent *domain.Torrent) { torrent.HashString, torrent.AcceptedAt = "other", ptr(after(2)) },
		func(torrent *domain.Torrent) { torrent.Problem = problem(domain.ProblemRefused, ptr(after(3))) },
		func(torrent *domain.Torrent) {
			torrent.AcceptedAt, torrent.Problem = ptr(after(2)), problem(domain.ProblemLocalError, nil)
		},
		func(torrent *domain.Torrent) {
			torrent.AcceptedAt, torrent.MissingSince, torrent.Problem = ptr(after(2)), ptr(after(4)), problem(domain.ProblemMissing, nil)
		},
		wishEverything,
		func(torrent *domain.Torrent) {
			wishEverything(torrent)
			torrent.AcceptedAt, torrent.CompletedAt = ptr(after(2)), ptr(after(3))
		},
		func(torrent *domain.Torrent) {
			torrent.AcceptedAt, torrent.CompletedAt, torrent.Seeding = ptr(after(2)), ptr(after(3)), true
		},
		func(torrent *domain.Torrent) {
			torrent.MagnetURI = parse(t, "magnet:?xt=urn:btih:CSKJKX67KK62G63ATKI26N26ALJ6UEBG")
		},
		func(torrent *domain.Torrent) {
			torrent.MagnetURI = parse(t, "magnet:?xt=urn:btmh:1220caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e")
		},
	}
}
