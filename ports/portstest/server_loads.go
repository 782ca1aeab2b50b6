package portstest

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// ServerLoads is the contract of ports.ServerLoads.
func ServerLoads(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	countingLoads().prove(t, open)
	findingHolders().prove(t, open)
}

// candidatesOf asks for the servers of a node, and returns them by their ids, too.
func candidatesOf(t *testing.T, store Store, node string, active bool) ([]domain.Candidate, map[uuid.UUID]domain.ServerLoad) {
	t.Helper()
	candidates, err := store.ServerLoads.Candidates(t.Context(), node, active)
	ok(t, err)
	loads := map[uuid.UUID]domain.ServerLoad{}
	for _, c := range candidates {
		loads[c.ID] = c.ServerLoad
	}
	return candidates, loads
}

func countingLoads() facts {
	return facts{
		"the open torrents of each server are counted, and those without a problem if asked for": func(t *testing.T, store Store) {
			busy, calm, idle := addServer(t, store), addServer(t, store), addServer(t, store)
			for range 3 {
				addTorrent(t, store, busy)
			}
			addTorrent(t, store, busy, func(torrent *domain.Torrent) {
				torrent.Problem = &domain.Problem{Code: domain.ProblemMissing, Message: "gone", Since: after(1)}
			})
			addTorrent(t, store, busy, func(torrent *domain.Torrent) { torrent.Paused = true })
			addTorrent(t, store, calm, func(torrent *domain.Torrent) { torrent.AcceptedAt = ptr(after(1)) })
			for _, server := range []*domain.Server{busy, idle} {
				addTorrent(t, store, server, func(torrent *domain.Torrent) { torrent.CompletedAt = ptr(after(1)) })
				removeTorrent(t, store, addTorrent(t, store, server).ID)
			}
			_, loads := candidatesOf(t, store, "node-a", true)
			same(t, loads, map[uuid.UUID]domain.ServerLoad{busy.ID: {Open: 5, Active: 3}, calm.ID: {Open: 1, Active: 1}, idle.ID: {}})
			_, loads = candidatesOf(t, store, "node-a", false)
			same(t, loads, map[uuid.UUID]domain.ServerLoad{busy.ID: {Open: 5}, calm.ID: {Open: 1}, idle.ID: {}})
		},
		"the live servers of a node are candidates, oldest first and whole": func(t *testing.T, store Store) {
			young := addServer(t, store, func(server *domain.Server) { server.CreatedAt = after(5) })
			whole := wholeServer(t)
			whole.LocalNode = "node-a"
			ok(t, store.Servers.Add(t.Context(), whole))
			addServer(t, store, func(server *domain.Server) { server.LocalNode = "node-b" })
			removeServer(t, store, addServer(t, store).ID)
			candidates, _ := candidatesOf(t, store, "node-a", true)
			same(t, candidates, []domain.Candidate{{Server: whole}, {Server: young}})
			if none, _ := candidatesOf(t, store, "node-c", false); len(none) > 0 {
				t.Errorf("%d servers of a node that has none", len(none))
			}
		},
		"an ended context ends every call on loads": func(t *testing.T, store Store) {
			torrent := addTorrent(t, store, addServer(t, store))
			refuses(t, map[string]func(ctx context.Context) error{
				"Candidates": func(ctx context.Context) error {
					_, err := store.ServerLoads.Candidates(ctx, "node-a", true)
					return err
				},
				"Holders": func(ctx context.Context) error {
					_, err := store.ServerLoads.Holders(ctx, "node-a", []domain.InfoHash{torrent.InfoHash()})
					return err
				},
				"Begun": func(ctx context.Context) error {
					_, err := store.ServerLoads.Begun(ctx, torrent.ServerID, []domain.InfoHash{torrent.InfoHash()})
					return err
				},
			})
		},
	}
}

func findingHolders() facts {
	holders := func(t *testing.T, store Store, hashes ...domain.InfoHash) map[string][]uuid.UUID {
		t.Helper()
		found, err := store.ServerLoads.Holders(t.Context(), "node-a", hashes)
		ok(t, err)
		texts := map[string][]uuid.UUID{}
		for hash, servers := range found {
			if len(servers) > 0 {
				texts[hash.String()] = sortedIDs(servers...)
			}
		}
		return texts
	}
	return facts{
		"content is where a live torrent is to be downloaded, or kept": func(t *testing.T, store Store) {
			content := aMagnet(t)
			wanting := func(server *domain.Server, change ...func(*domain.Torrent)) *domain.Torrent {
				change = append(change, func(torrent *domain.Torrent) { torrent.MagnetURI, torrent.UserID = content, ptr(uuid.New()) })
				return addTorrent(t, store, server, change...)
			}
			completed := func(torrent *domain.Torrent) { torrent.CompletedAt = ptr(after(1)) }
			lets := func(server *domain.Server) { server.OnComplete = domain.OnCompleteRemove }
			gone, loading := addServer(t, store, lets), addServer(t, store)
			wanting(gone, completed)
			still, wished := addServer(t, store, lets), addServer(t, store, lets)
			wanting(still, completed, func(torrent *domain.Torrent) { torrent.Seeding = true })
			wanting(wished, completed, func(torrent *domain.Torrent) { torrent.OnComplete = ptr(domain.OnCompleteStop) })
			wanting(loading)
			wanting(loading)
			keeping := addServer(t, store)
			wanting(keeping, completed)
			removeTorrent(t, store, wanting(addServer(t, store)).ID)
			wanting(addServer(t, store, func(server *domain.Server) { server.LocalNode = "node-b" }))
			dead := addServer(t, store)
			wanting(dead, completed)
			removeServer(t, store, dead.ID)
			other := addTorrent(t, store, loading)
			want := map[string][]uuid.UUID{
				content.InfoHash().String(): sortedIDs(keeping.ID, loading.ID, still.ID, wished.ID), other.InfoHash().String(): {loading.ID},
			}
			same(t, holders(t, store, content.InfoHash(), aMagnet(t).InfoHash(), other.InfoHash(), content.InfoHash(), domain.InfoHash{}), want)
		},
		"what nobody asks for is not looked for": func(t *testing.T, store Store) {
			server := addServer(t, store)
			addTorrent(t, store, server, begun)
			if found := holders(t, store); len(found) > 0 {
				t.Errorf("found %v", found)
			}
			same(t, begunOn(t, store, server), map[string]bool{})
		},
		"what a client has taken is what a live torrent of it had begun there and keeps": func(t *testing.T, store Store) {
			server, other := addServer(t, store), addServer(t, store)
			completed := func(torrent *domain.Torrent) { torrent.CompletedAt = ptr(after(1)) }
			wishes := func(what domain.OnComplete) func(*domain.Torrent) {
				return func(torrent *domain.Torrent) { torrent.OnComplete = &what }
			}
			addTorrent(t, store, server) // waits
			loading := addTorrent(t, store, server, begun, func(torrent *domain.Torrent) { torrent.AcceptedAt = ptr(after(1)) })
			putBack := addTorrent(t, store, server, begun)
			kept := addTorrent(t, store, server, begun, completed)
			addTorrent(t, store, server, begun, completed, wishes(domain.OnCompleteRemove))
			seeding := addTorrent(t, store, server, begun, completed, wishes(domain.OnCompleteRemove), func(torrent *domain.Torrent) { torrent.Seeding = true })
			addTorrent(t, store, server, completed) // by hand
			addTorrent(t, store, other, begun)
			removed := addTorrent(t, store, server, begun)
			removeTorrent(t, store, removed.ID)
			twice := addTorrent(t, store, server)
			addTorrent(t, store, other, begun, func(torrent *domain.Torrent) { torrent.MagnetURI = twice.MagnetURI })
			for _, joins := range []*domain.Torrent{loading, removed} {
				addTorrent(t, store, server, func(torrent *domain.Torrent) { torrent.MagnetURI, torrent.UserID = joins.MagnetURI, ptr(uuid.New()) })
			}
			all, err := store.Torrents.Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{})
			ok(t, err)
			var hashes []domain.InfoHash
			for _, torrent := range all {
				hashes = append(hashes, torrent.InfoHash())
			}
			want := map[string]bool{}
			for _, torrent := range []*domain.Torrent{loading, putBack, kept, seeding} {
				want[torrent.InfoHash().String()] = true
			}
			same(t, begunOn(t, store, server, append(hashes, aMagnet(t).InfoHash(), domain.InfoHash{})...), want)
			same(t, begunOn(t, store, &domain.Server{ID: uuid.New()}, hashes...), map[string]bool{})
		},
		"thousands of contents are found at once": func(t *testing.T, store Store) {
			server := addServer(t, store)
			var hashes []domain.InfoHash
			var torrents []*domain.Torrent
			for range 2_500 {
				torrent := aTorrent(t, server, morning)
				torrent.Begun = true
				torrents, hashes = append(torrents, torrent), append(hashes, torrent.InfoHash())
			}
			ok(t, store.Torrents.Add(t.Context(), torrents...))
			if found := holders(t, store, hashes...); len(found) != len(hashes) {
				t.Errorf("found %d of %d", len(found), len(hashes))
			}
			if found := begunOn(t, store, server, hashes...); len(found) != len(hashes) {
				t.Errorf("%d of %d have begun", len(found), len(hashes))
			}
		},
	}
}

func begun(torrent *domain.Torrent) { torrent.Begun = true }

func begunOn(t *testing.T, store Store, server *domain.Server, hashes ...domain.InfoHash) map[string]bool {
	t.Helper()
	found, err := store.ServerLoads.Begun(t.Context(), server.ID, hashes)
	ok(t, err)
	texts := map[string]bool{}
	for hash, is := range found {
		if is {
			texts[hash.String()] = true
		}
	}
	return texts
}

func sortedIDs(ids ...uuid.UUID) []uuid.UUID {
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return ids
}
