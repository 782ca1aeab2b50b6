package portstest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func updatingTorrents() facts {
	return facts{
		"every field that a change alters is saved": func(t *testing.T, store Store) {
			server, other := addServer(t, store), addServer(t, store)
			torrent := addTorrent(t, store, server)
			want := wholeTorrent(t, other)
			want.ID, want.DeletedAt = torrent.ID, ptr(after(9))
			updated := update(t, store, torrent.ID, func(torrent *domain.Torrent) { *torrent = *want })
			same(t, updated, want)
			updated = update(t, store, torrent.ID, func(*domain.Torrent) {})
			same(t, updated, want)
		},
		"every pointer that a change sets to nil is saved": func(t *testing.T, store Store) {
			torrent := wholeTorrent(t, addServer(t, store))
			ok(t, store.Torrents.Add(t.Context(), torrent))
			update(t, store, torrent.ID, func(torrent *domain.Torrent) {
				torrent.UserID, torrent.CompletedAt, torrent.AcceptedAt = nil, nil, nil
				torrent.MissingSince, torrent.Problem, torrent.Name, torrent.HashString = nil, nil, "", ""
				wishNothing(torrent)
			})
			torrent.UserID, torrent.CompletedAt, torrent.AcceptedAt = nil, nil, nil
			torrent.MissingSince, torrent.Problem, torrent.Name, torrent.HashString = nil, nil, "", ""
			wishNothing(torrent)
			got, err := store.Torrents.Get(t.Context(), torrent.ID)
			ok(t, err)
			same(t, got, torrent)
		},
		"only the parts of a problem that change are altered": func(t *testing.T, store Store) {
			torrent := wholeTorrent(t, addServer(t, store))
			ok(t, store.Torrents.Add(t.Context(), torrent))
			update(t, store, torrent.ID, func(torrent *domain.Torrent) { torrent.Problem.RetryAt, torrent.Problem.Attempts = nil, 0 })
			torrent.Problem.RetryAt, torrent.Problem.Attempts = nil, 0
			got, err := store.Torrents.Get(t.Context(), torrent.ID)
			ok(t, err)
			same(t, got, torrent)
		},
		"what is wished is altered by itself, and so is what was told of it": func(t *testing.T, store Store) {
			torrent := addTorrent(t, store, addServer(t, store))
			for _, alter := range []func(*domain.Torrent){
				wishEverything,
				func(torrent *domain.Torrent) { torrent.Unapplied = 0 },
				func(torrent *domain.Torrent) { torrent.Unwanted, torrent.SeedRatio = []int{3}, ptr(0.0) },
				func(torrent *domain.Torrent) { torrent.Seeding = false },
				wishNothing,
			} {
				alter(torrent)
				update(t, store, torrent.ID, alter)
				got, err := store.Torrents.Get(t.Context(), torrent.ID)
				ok(t, err)
				same(t, got, torrent)
			}
		},
		"events and removals are saved with the change, once": func(t *testing.T, store Store) {
			server := addServer(t, store)
			torrent := addTorrent(t, store, server)
			updated := update(t, store, torrent.ID, func(torrent *domain.Torrent) {
				ok(t, torrent.Rename("renamed", after(1)))
				torrent.Remove(true, after(2))
			})
			if len(updated.TakeEvents()) > 0 || len(updated.TakeRemovals()) > 0 {
				t.Error("the returned torrent still has what was saved")
			}
			update(t, store, torrent.ID, func(*domain.Torrent) {})
			if events := logged(t, store); kinds(events) != "[ADDED CHANGED REMOVED]" {
				t.Errorf("logged %s", kinds(events))
			}
			if removals := pending(t, store, server.ID); len(removals) != 1 {
				t.Errorf("%d removals", len(removals))
			}
		},
		"a removal without any other change is saved": func(t *testing.T, store Store) {
			server := addServer(t, store)
			torrent := addTorrent(t, store, server)
			update(t, store, torrent.ID, func(torrent *domain.Torrent) { torrent.Remove(false, after(1)) })
			update(t, store, torrent.ID, func(torrent *domain.Torrent) {
				torrent.Accept(*server, torrent.InfoHash(), torrent.InfoHash(), after(2))
			})
			if removals := pending(t, store, server.ID); len(removals) != 2 {
				t.Errorf("%d removals", len(removals))
			}
		},
		"a change that alters nothing saves and logs nothing": func(t *testing.T, store Store) {
			torrent := wholeTorrent(t, addServer(t, store))
			ok(t, store.Torrents.Add(t.Context(), torrent))
			same(t, update(t, store, torrent.ID, func(*domain.Torrent) {}), torrent)
			if events := logged(t, store); len(events) != 1 {
				t.Errorf("logged %s", kinds(events))
			}
		},
		"an error of the change undoes rows, events and removals of all": func(t *testing.T, store Store) {
			server := addServer(t, store)
			torrents := []*domain.Torrent{addTorrent(t, store, server), addTorrent(t, store, server), addTorrent(t, store, server)}
			calls := 0
			_, err := store.Torrents.Update(t.Context(), ids(torrents), nil, func(torrent *domain.Torrent) error {
				torrent.Remove(true, after(1))
				if calls++; calls == len(torrents) {
					return fmt.Errorf("at last: %w", errChange)
				}
				return nil
			})
			givesUp(t, err)
			for _, torrent := range torrents {
				got, err := store.Torrents.Get(t.Context(), torrent.ID)
				ok(t, err)
				same(t, got, torrent)
			}
			if events := logged(t, store); kinds(events) != "[ADDED ADDED ADDED]" {
				t.Errorf("logged %s", kinds(events))
			}
			if removals := pending(t, store, server.ID); len(removals) > 0 {
				t.Errorf("%d removals", len(removals))
			}
		},
		"an error of the change keeps its kind": func(t *testing.T, store Store) {
			torrent := addTorrent(t, store, addServer(t, store))
			_, err := store.Torrents.Update(t.Context(), []uuid.UUID{torrent.ID}, nil, func(torrent *domain.Torrent) error {
				return torrent.Rename(strings.Repeat("x", domain.MaxNameLength+1), after(1))
			})
			fails(t, err, domain.KindInvalid, "name")
		},
		"a torrent is put or reopened on live servers only": func(t *testing.T, store Store) {
			server, gone := addServer(t, store), addServer(t, store)
			moved, reopened := addTorrent(t, store, server), addTorrent(t, store, gone, func(torrent *domain.Torrent) {
				torrent.CompletedAt = ptr(after(1))
			})
			removeServer(t, store, gone.ID)
			before := len(logged(t, store))
			for torrent, change := range map[*domain.Torrent]func(*domain.Torrent){
				moved:    func(torrent *domain.Torrent) { torrent.AssignServer(*gone, after(2)) },
				reopened: func(torrent *domain.Torrent) { torrent.MarkIncomplete(after(2)) },
			} {
				_, err := store.Torrents.Update(t.Context(), ids([]*domain.Torrent{moved, reopened}), nil, func(each *domain.Torrent) error {
					if each.ID == torrent.ID {
						change(each)
					}
					return nil
				})
				fails(t, err, domain.KindInvalid, "serverId")
				got, err := store.Torrents.Get(t.Context(), torrent.ID)
				ok(t, err)
				same(t, got, torrent)
			}
			if n := len(logged(t, store)); n != before {
				t.Errorf("%d events more", n-before)
			}
			update(t, store, reopened.ID, func(torrent *domain.Torrent) { torrent.Remove(false, after(3)) })
		},
		"removed torrents are updated, too": func(t *testing.T, store Store) {
			torrent := addTorrent(t, store, addServer(t, store))
			removeTorrent(t, store, torrent.ID)
			updated := update(t, store, torrent.ID, func(torrent *domain.Torrent) {
				if torrent.DeletedAt == nil || !torrent.DeletedAt.Equal(after(60)) {
					t.Errorf("removed at %v", torrent.DeletedAt)
				}
				torrent.Name = "an epitaph"
			})
			if updated.Name != "an epitaph" || updated.DeletedAt == nil {
				t.Error("the change was not saved")
			}
		},
		"ids that do not exist are passed over": func(t *testing.T, store Store) {
			torrent := addTorrent(t, store, addServer(t, store))
			updated, err := store.Torrents.Update(t.Context(), []uuid.UUID{uuid.New(), torrent.ID, uuid.New()}, nil, rename("renamed"))
			ok(t, err)
			if len(updated) != 1 || updated[0].ID != torrent.ID || updated[0].Name != "renamed" {
				t.Errorf("updated %v", ids(updated))
			}
			for _, list := range [][]uuid.UUID{nil, {}, {uuid.New()}} {
				updated, err = store.Torrents.Update(t.Context(), list, nil, rename("nobody"))
				ok(t, err)
				if len(updated) > 0 {
					t.Errorf("updated %v", ids(updated))
				}
			}
		},
		"an id that is given twice is changed once": func(t *testing.T, store Store) {
			torrent := addTorrent(t, store, addServer(t, store))
			calls := 0
			updated, err := store.Torrents.Update(t.Context(), []uuid.UUID{torrent.ID, torrent.ID}, nil, func(*domain.Torrent) error {
				calls++
				return nil
			})
			ok(t, err)
			if calls != 1 || len(updated) != 1 {
				t.Errorf("changed %d times, returned %d", calls, len(updated))
			}
		},
		"what a caller does to a torrent after updating it is not stored": func(t *testing.T, store Store) {
			torrent := wholeTorrent(t, addServer(t, store))
			ok(t, store.Torrents.Add(t.Context(), torrent))
			want := remember(torrent)
			var kept *domain.Torrent
			updated := update(t, store, torrent.ID, func(torrent *domain.Torrent) { kept = torrent })
			for _, spoilt := range []*domain.Torrent{kept, updated} {
				spoilt.Name, spoilt.Problem.Message, *spoilt.AcceptedAt, *spoilt.Problem.RetryAt = "spoilt", "spoilt", after(500), after(500)
			}
			got, err := store.Torrents.Get(t.Context(), torrent.ID)
			ok(t, err)
			same(t, got, want)
		},
		"updates at the same moment lose nothing and wait for one another without end": func(t *testing.T, store Store) {
			server := addServer(t, store)
			var torrents []*domain.Torrent
			for range 6 {
				torrents = append(torrents, addTorrent(t, store, server, func(torrent *domain.Torrent) { torrent.Name = "" }))
			}
			const callers = 12
			for _, err := range together(callers, func(int) error {
				order := ids(torrents) // each in an order of its own, as careless callers do
				rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
				_, err := store.Torrents.Update(t.Context(), order, nil, func(torrent *domain.Torrent) error {
					return torrent.Rename(torrent.Name+"x", after(1))
				})
				return err
			}) {
				ok(t, err)
			}
			for _, torrent := range torrents {
				got, err := store.Torrents.Get(t.Context(), torrent.ID)
				ok(t, err)
				if got.Name != strings.Repeat("x", callers) {
					t.Errorf("after %d updates the name is %q", callers, got.Name)
				}
			}
		},
	}
}

// wishNothing takes back what wishEverything does.
func wishNothing(torrent *domain.Torrent) {
	torrent.Paused, torrent.Renamed, torrent.Seeding, torrent.Priority = false, false, false, domain.PriorityNormal
	torrent.Label, torrent.Folder, torrent.DownloadLimit, torrent.UploadLimit = "", "", nil, nil
	torrent.Unwanted, torrent.SeedingWish, torrent.Unapplied = nil, domain.SeedingWish{}, 0
}

// rename returns a change that renames.
func rename(name string) func(*domain.Torrent) error {
	return func(torrent *domain.Torrent) error { return torrent.Rename(name, after(1)) }
}
