package portstest

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// recordRemoval makes a server's client let go of a new torrent's content.
func recordRemoval(t *testing.T, store Store, server *domain.Server, deleteData bool, minutes int) *domain.Torrent {
	t.Helper()
	torrent := addTorrent(t, store, server)
	return update(t, store, torrent.ID, func(torrent *domain.Torrent) {
		torrent.AcceptedAt, torrent.Begun = ptr(after(1)), true // what no client has taken keeps its data
		torrent.Remove(deleteData, after(minutes))
	})
}

// RemovalRepository is the contract of ports.RemovalRepository.
func RemovalRepository(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	keepingRemovals().prove(t, open)
	neededTransfers().prove(t, open)
}

func keepingRemovals() facts {
	return facts{
		"a server's removals are pending as they were recorded, oldest first": func(t *testing.T, store Store) {
			server, other := addServer(t, store), addServer(t, store)
			recordRemoval(t, store, other, false, 1)
			second := recordRemoval(t, store, server, true, 2)
			first := recordRemoval(t, store, server, false, 1)
			removals := pending(t, store, server.ID)
			if len(removals) != 2 {
				t.Fatalf("%d are pending", len(removals))
			}
			var want []domain.PendingRemoval
			for i, torrent := range []*domain.Torrent{first, second} {
				if removals[i].ID == uuid.Nil {
					t.Error("a removal lost its id")
				}
				want = append(want, domain.PendingRemoval{Removal: domain.Removal{
					ID: removals[i].ID, ServerID: server.ID, InfoHash: torrent.InfoHash(),
					DeleteData: torrent == second, CreatedAt: *torrent.DeletedAt,
				}})
			}
			same(t, removals, want)
		},
		"a removal is pending until it is finished": func(t *testing.T, store Store) {
			server := addServer(t, store)
			for i := range 3 {
				recordRemoval(t, store, server, false, i)
			}
			before := pending(t, store, server.ID)
			ok(t, store.Removals.Finish(t.Context(), []uuid.UUID{before[0].ID, uuid.New(), before[2].ID, before[0].ID}))
			same(t, pending(t, store, server.ID), before[1:2])
			ok(t, store.Removals.Finish(t.Context(), []uuid.UUID{before[0].ID}))
			same(t, pending(t, store, server.ID), before[1:2])
		},
		"finishing nothing is fine": func(t *testing.T, store Store) {
			server := addServer(t, store)
			recordRemoval(t, store, server, false, 1)
			for _, none := range [][]uuid.UUID{nil, {}} {
				ok(t, store.Removals.Finish(t.Context(), none))
			}
			if removals := pending(t, store, server.ID); len(removals) != 1 {
				t.Errorf("%d are pending", len(removals))
			}
		},
		"a server of which nothing is to go has no removals": func(t *testing.T, store Store) {
			for _, id := range []uuid.UUID{addServer(t, store).ID, uuid.New()} {
				if removals := pending(t, store, id); len(removals) > 0 {
					t.Errorf("%d are pending", len(removals))
				}
			}
		},
		"moving a torrent leaves a removal on the old server": func(t *testing.T, store Store) {
			server, other := addServer(t, store), addServer(t, store)
			torrent := addTorrent(t, store, server)
			update(t, store, torrent.ID, func(torrent *domain.Torrent) { torrent.AssignServer(*other, after(1)) })
			if old, recent := pending(t, store, server.ID), pending(t, store, other.ID); len(old) != 1 || len(recent) != 0 {
				t.Errorf("%d are pending on the old, %d on the new server", len(old), len(recent))
			}
		},
		"an ended context ends every call on removals": func(t *testing.T, store Store) {
			server := addServer(t, store)
			recordRemoval(t, store, server, false, 1)
			removals := pending(t, store, server.ID)
			refuses(t, map[string]func(ctx context.Context) error{
				"Pending": func(ctx context.Context) error { _, err := store.Removals.Pending(ctx, server.ID); return err },
				"Finish":  func(ctx context.Context) error { return store.Removals.Finish(ctx, []uuid.UUID{removals[0].ID}) },
			})
			same(t, pending(t, store, server.ID), removals)
		},
	}
}

func neededTransfers() facts {
	// another adds a torrent of the same content beside a removed one, changed.
	type another func(torrent *domain.Torrent)
	needed := func(want bool, policy domain.OnComplete, beside ...another) func(*testing.T, Store) {
		return func(t *testing.T, store Store) {
			t.Helper()
			server := addServer(t, store, func(server *domain.Server) { server.OnComplete = policy })
			gone := recordRemoval(t, store, server, false, 1)
			recordRemoval(t, store, server, false, 2)
			for _, alter := range beside {
				addTorrent(t, store, server, func(torrent *domain.Torrent) {
					torrent.MagnetURI = gone.MagnetURI
					alter(torrent)
				})
			}
			removals := pending(t, store, server.ID)
			if len(removals) != 2 {
				t.Fatalf("%d are pending", len(removals))
			}
			if removals[0].StillNeeded != want || removals[1].StillNeeded {
				t.Errorf("still needed: %t and %t of the unrelated one", removals[0].StillNeeded, removals[1].StillNeeded)
			}
		}
	}
	queued := func(*domain.Torrent) {}
	downloading := func(torrent *domain.Torrent) { torrent.AcceptedAt = ptr(after(1)) }
	completed := func(torrent *domain.Torrent) { torrent.AcceptedAt, torrent.CompletedAt = ptr(after(1)), ptr(after(2)) }
	removed := func(torrent *domain.Torrent) { torrent.DeletedAt = ptr(after(3)) }
	seeding := func(torrent *domain.Torrent) {
		completed(torrent)
		torrent.Seeding = true
	}
	wishing := func(policy domain.OnComplete) another {
		return func(torrent *domain.Torrent) {
			completed(torrent)
			torrent.OnComplete = &policy
		}
	}
	return facts{
		"a torrent that seeds for a goal needs the transfer":            needed(true, domain.OnCompleteRemove, seeding),
		"a completed torrent needs the transfer on a server that stops": needed(true, domain.OnCompleteStop, completed),
		"a torrent wishes to be kept on a server that removes":          needed(true, domain.OnCompleteRemove, wishing(domain.OnCompleteKeep)),
		"a torrent wishes to be removed on a server that keeps":         needed(false, domain.OnCompleteKeep, wishing(domain.OnCompleteRemove)),
		"without any other torrent a transfer is not needed":            needed(false, domain.OnCompleteKeep),
		"a queued torrent needs the transfer":                           needed(true, domain.OnCompleteRemove, queued),
		"a downloading torrent needs the transfer":                      needed(true, domain.OnCompleteRemove, downloading),
		"a completed torrent needs the transfer on a server that keeps": needed(true, domain.OnCompleteKeep, completed),
		"a completed torrent needs no transfer on a server that removes": needed(false,
			domain.OnCompleteRemove, completed),
		"a removed torrent needs no transfer": needed(false, domain.OnCompleteKeep, removed, func(torrent *domain.Torrent) {
			completed(torrent)
			removed(torrent)
		}),
		"one needing torrent among several suffices, and a removal is told once": needed(true,
			domain.OnCompleteRemove, completed, removed, queued, downloading),
		"a torrent on another server needs no transfer here": func(t *testing.T, store Store) {
			server, other := addServer(t, store), addServer(t, store)
			gone := recordRemoval(t, store, server, false, 1)
			addTorrent(t, store, other, func(torrent *domain.Torrent) { torrent.MagnetURI = gone.MagnetURI })
			if removals := pending(t, store, server.ID); len(removals) != 1 || removals[0].StillNeeded {
				t.Errorf("removals are %v", removals)
			}
		},
		"a torrent that was completed by a removing server is to go, until that server keeps": func(t *testing.T, store Store) {
			server := addServer(t, store, func(server *domain.Server) { server.OnComplete = domain.OnCompleteRemove })
			torrent := addTorrent(t, store, server)
			update(t, store, torrent.ID, func(torrent *domain.Torrent) {
				torrent.Accept(*server, torrent.InfoHash(), torrent.InfoHash(), after(1))
				torrent.Observe(*server, finished(torrent), after(2))
			})
			if removals := pending(t, store, server.ID); len(removals) != 1 || removals[0].StillNeeded {
				t.Fatalf("removals are %v", removals)
			}
			_, err := store.Servers.Update(t.Context(), server.ID, func(server *domain.Server) error {
				server.SetOnComplete(domain.OnCompleteKeep, after(3))
				return nil
			})
			ok(t, err)
			if removals := pending(t, store, server.ID); len(removals) != 1 || !removals[0].StillNeeded {
				t.Errorf("removals are %v", removals)
			}
		},
		"a torrent that got the content by a new magnet needs the transfer": func(t *testing.T, store Store) {
			server := addServer(t, store)
			gone, torrent := recordRemoval(t, store, server, false, 1), addTorrent(t, store, server)
			update(t, store, torrent.ID, func(torrent *domain.Torrent) { torrent.ReplaceMagnet(gone.MagnetURI, after(5)) })
			removals := pending(t, store, server.ID)
			if len(removals) != 2 || !removals[0].StillNeeded || removals[1].StillNeeded {
				t.Errorf("removals are %v", removals)
			}
		},
	}
}
