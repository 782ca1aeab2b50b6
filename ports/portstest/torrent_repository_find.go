package portstest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// population is torrents in all states, of two users and of nobody, on two
// servers, with few moments of creation, newest first.
type population struct {
	servers  [2]*domain.Server
	users    [2]uuid.UUID
	torrents []*domain.Torrent
	removed  []uuid.UUID
}

func populate(t *testing.T, store Store) population {
	t.Helper()
	people := population{users: [2]uuid.UUID{uuid.New(), uuid.New()}}
	for i := range people.servers {
		people.servers[i] = addServer(t, store)
	}
	var all []*domain.Torrent
	for i := range 48 {
		torrent := aTorrent(t, people.servers[i%2], after(i/20))
		if i%3 < 2 {
			torrent.UserID = ptr(people.users[i%3])
		}
		torrent.Paused, torrent.Label = i%4 == 1, []string{"", "films", "Films", ""}[i%4]
		switch (i / 6) % 4 {
		case 1:
			torrent.AcceptedAt = ptr(after(10))
		case 2:
			torrent.AcceptedAt, torrent.CompletedAt = ptr(after(10)), ptr(after(11))
		case 3: // completed by hand, never accepted
			torrent.CompletedAt = ptr(after(11))
		}
		if i/24 == 1 {
			torrent.Problem = &domain.Problem{Code: domain.ProblemLocalError, Message: "disk full", Since: after(9)}
		}
		all = append(all, torrent)
	}
	gone := aTorrent(t, people.servers[0], after(1))
	ok(t, store.Torrents.Add(t.Context(), append(all, gone)...))
	removeTorrent(t, store, gone.ID)
	people.removed = []uuid.UUID{gone.ID}
	slices.SortFunc(all, func(a, b *domain.Torrent) int {
		if order := b.CreatedAt.Compare(a.CreatedAt); order != 0 {
			return order
		}
		return slices.Compare(b.ID[:], a.ID[:])
	})
	people.torrents = all
	return people
}

// matching is what a filter promises, said in the plainest way.
func (p population) matching(filter domain.TorrentFilter) []*domain.Torrent {
	var found []*domain.Torrent
	for _, torrent := range p.torrents {
		if filter.Matches(torrent, p.servers[0].Type) {
			found = append(found, torrent)
		}
	}
	return found
}

// filters is every combination of what a filter can say.
func (p population) filters() []domain.TorrentFilter {
	some := append([]uuid.UUID{uuid.New(), p.removed[0]}, ids(p.torrents[10:35])...)
	var all []domain.TorrentFilter
	for _, list := range [][]uuid.UUID{nil, some} {
		for _, user := range []*uuid.UUID{nil, &p.users[0], ptr(uuid.New())} {
			for _, server := range []*uuid.UUID{nil, &p.servers[1].ID} {
				for _, status := range []domain.Status{"", domain.StatusQueued, domain.StatusDownloading, domain.StatusCompleted} {
					for _, problem := range []*bool{nil, ptr(true), ptr(false)} {
						all = append(all, domain.TorrentFilter{
							IDs: list, UserID: user, ServerID: server, Status: status, HasProblem: problem,
						})
						if user != nil || server != nil {
							continue
						}
						for _, label := range []string{"", "films", "none"} {
							all = append(all,
								domain.TorrentFilter{IDs: list, Status: status, HasProblem: problem, Label: &label},
								domain.TorrentFilter{IDs: list, Status: status, HasProblem: problem, Paused: ptr(label == "")})
						}
					}
				}
			}
		}
	}
	return all
}

func findingTorrents() facts {
	return facts{
		"every combination of filters finds what it says, newest first": func(t *testing.T, store Store) {
			people := populate(t, store)
			for _, filter := range people.filters() {
				found, err := store.Torrents.Find(t.Context(), filter, domain.TorrentPage{})
				ok(t, err)
				if want := people.matching(filter); !slices.Equal(ids(found), ids(want)) {
					t.Errorf("filter %s\n got %v\nwant %v", describe(filter), ids(found), ids(want))
				}
			}
		},
		"found torrents are whole": func(t *testing.T, store Store) {
			torrent := wholeTorrent(t, addServer(t, store))
			ok(t, store.Torrents.Add(t.Context(), torrent))
			found, err := store.Torrents.Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{})
			ok(t, err)
			same(t, found, []*domain.Torrent{torrent})
		},
		"a filter of no ids finds nothing": func(t *testing.T, store Store) {
			addTorrent(t, store, addServer(t, store))
			found, err := store.Torrents.Find(t.Context(), domain.TorrentFilter{IDs: []uuid.UUID{}}, domain.TorrentPage{})
			ok(t, err)
			if len(found) > 0 {
				t.Errorf("found %d", len(found))
			}
		},
		"finding nothing is no error": func(t *testing.T, store Store) {
			found, err := store.Torrents.Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{Limit: 10})
			ok(t, err)
			if len(found) > 0 {
				t.Errorf("found %d", len(found))
			}
		},
		"pages of any size join to the whole list, also where times are equal": func(t *testing.T, store Store) {
			people := populate(t, store)
			for _, filter := range []domain.TorrentFilter{
				{},
				{UserID: &people.users[1]},
				{Status: domain.StatusQueued, ServerID: &people.servers[0].ID},
				{HasProblem: ptr(true), IDs: ids(people.torrents[5:40])},
			} {
				for _, limit := range []int{1, 7, 48, 100} {
					var joined []uuid.UUID
					page := domain.TorrentPage{Limit: limit}
					for {
						found, err := store.Torrents.Find(t.Context(), filter, page)
						ok(t, err)
						if len(found) > limit {
							t.Fatalf("a page of %d holds %d", limit, len(found))
						}
						if len(found) == 0 {
							break
						}
						joined = append(joined, ids(found)...)
						page.After = ptr(found[len(found)-1].Place())
					}
					if want := ids(people.matching(filter)); !slices.Equal(joined, want) {
						t.Errorf("filter %s, limit %d\n got %v\nwant %v", describe(filter), limit, joined, want)
					}
				}
			}
		},
		"a place without a limit continues to the end": func(t *testing.T, store Store) {
			people := populate(t, store)
			found, err := store.Torrents.Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{After: ptr(people.torrents[30].Place())})
			ok(t, err)
			if !slices.Equal(ids(found), ids(people.torrents[31:])) {
				t.Errorf("found %d torrents", len(found))
			}
		},
		"a next page is right although torrents came and went": func(t *testing.T, store Store) {
			people := populate(t, store)
			first, err := store.Torrents.Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{Limit: 10})
			ok(t, err)
			addTorrent(t, store, people.servers[0], func(torrent *domain.Torrent) { torrent.CreatedAt = after(90) })
			last := first[len(first)-1]
			removeTorrent(t, store, last.ID)
			second, err := store.Torrents.Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{Limit: 10, After: ptr(last.Place())})
			ok(t, err)
			if !slices.Equal(ids(second), ids(people.torrents[10:20])) {
				t.Errorf("the second page holds other torrents")
			}
		},
	}
}

func describe(filter domain.TorrentFilter) string {
	text := fmt.Sprintf("%d ids, status %q", len(filter.IDs), filter.Status)
	if filter.UserID != nil {
		text += ", user " + filter.UserID.String()
	}
	if filter.ServerID != nil {
		text += ", server " + filter.ServerID.String()
	}
	if filter.HasProblem != nil {
		text += fmt.Sprintf(", problem %t", *filter.HasProblem)
	}
	return text
}
