package portstest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// orders is every order that a list can have.
func orders() []domain.TorrentOrder {
	var all []domain.TorrentOrder
	for _, by := range []domain.TorrentOrderBy{
		"", domain.OrderByCreated, domain.OrderByCompleted, domain.OrderByName, domain.OrderByStatus,
	} {
		all = append(all, domain.TorrentOrder{By: by}, domain.TorrentOrder{By: by, Ascending: true})
	}
	return all
}

// motley is torrents that are equal in this and different in that, whatever they
// are ordered by, on two servers and of one user and nobody.
func motley(t *testing.T, store Store) (server *domain.Server, user uuid.UUID, torrents []*domain.Torrent) {
	t.Helper()
	names := []string{"", "a", "A", "B", "_", "ä", "Ä", "\uffee", "🎬", "ſ", "z", "straße", "STRAẞE", "10", "9"}
	user = uuid.New()
	servers := []*domain.Server{addServer(t, store), addServer(t, store)}
	for i := range 3 * len(names) {
		torrent := aTorrent(t, servers[i%2], after(i%4))
		torrent.Name = names[i%len(names)]
		if i%3 > 0 {
			torrent.UserID = &user
		}
		if i%5 > 1 {
			torrent.AcceptedAt = ptr(after(5))
		}
		if i%5 > 2 {
			torrent.CompletedAt = ptr(after(10 - i%7/2))
		}
		torrents = append(torrents, torrent)
	}
	gone := aTorrent(t, servers[0], after(1))
	ok(t, store.Torrents.Add(t.Context(), append(torrents, gone)...))
	removeTorrent(t, store, gone.ID)
	return servers[0], user, torrents
}

// inOrder is what an order promises.
func inOrder(torrents []*domain.Torrent, filter domain.TorrentFilter, order domain.TorrentOrder) []uuid.UUID {
	var list []*domain.Torrent
	for _, torrent := range torrents {
		if filter.Matches(torrent, "Transmission") {
			list = append(list, torrent)
		}
	}
	slices.SortFunc(list, func(a, b *domain.Torrent) int { return order.Compare(a.Place(), b.Place()) })
	return ids(list)
}

// walk joins pages of a list from its beginning, or from its end.
func walk(t *testing.T, store Store, filter domain.TorrentFilter, page domain.TorrentPage) []uuid.UUID {
	t.Helper()
	var joined []uuid.UUID
	for {
		found, err := store.Torrents.Find(t.Context(), filter, page)
		ok(t, err)
		switch {
		case len(found) == 0:
			return joined
		case len(found) > page.Limit:
			t.Fatalf("a page of %d holds %d", page.Limit, len(found))
		case page.FromEnd:
			joined = append(ids(found), joined...)
			page.Before = ptr(found[0].Place())
		default:
			joined = append(joined, ids(found)...)
			page.After = ptr(found[len(found)-1].Place())
		}
	}
}

func orderingTorrents() facts {
	return facts{
		"a list is ordered as it is asked for, and so are its pages from either end": func(t *testing.T, store Store) {
			server, user, torrents := motley(t, store)
			for _, filter := range []domain.TorrentFilter{{}, {UserID: &user}, {ServerID: &server.ID, NameContains: "a"}} {
				for _, order := range orders() {
					want := inOrder(torrents, filter, order)
					found, err := store.Torrents.Find(t.Context(), filter, domain.TorrentPage{Order: order})
					ok(t, err)
					if !slices.Equal(ids(found), want) {
						t.Fatalf("%+v:\n got %v\nwant %v", order, ids(found), want)
					}
					for _, fromEnd := range []bool{false, true} {
						page := domain.TorrentPage{Order: order, FromEnd: fromEnd, Limit: 4}
						if got := walk(t, store, filter, page); !slices.Equal(got, want) {
							t.Errorf("pages of %+v, from end %t:\n got %v\nwant %v", order, fromEnd, got, want)
						}
					}
				}
			}
		},
		"pages from both ends meet in the middle": func(t *testing.T, store Store) {
			_, _, torrents := motley(t, store)
			for _, order := range orders() {
				want := inOrder(torrents, domain.TorrentFilter{}, order)
				first, err := store.Torrents.Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{Order: order, Limit: 20})
				ok(t, err)
				last, err := store.Torrents.Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{Order: order, Limit: 20, FromEnd: true})
				ok(t, err)
				between := domain.TorrentPage{Order: order, After: ptr(first[19].Place()), Before: ptr(last[0].Place())}
				for _, limit := range []int{0, 3, 5, 100} {
					for _, between.FromEnd = range []bool{false, true} {
						between.Limit = limit
						middle, err := store.Torrents.Find(t.Context(), domain.TorrentFilter{}, between)
						ok(t, err)
						expected := want[20 : len(want)-20]
						if limit == 3 && between.FromEnd {
							expected = expected[len(expected)-3:]
						} else if limit == 3 {
							expected = expected[:3]
						}
						if !slices.Equal(ids(middle), expected) {
							t.Errorf("%+v, limit %d, from end %t: got %d torrents", order, limit, between.FromEnd, len(middle))
						}
					}
				}
			}
		},
		"pages go on rightly although torrents came, went and changed": func(t *testing.T, store Store) {
			for _, order := range orders() {
				server, _, torrents := motley(t, store)
				filter := domain.TorrentFilter{ServerID: &server.ID}
				want := inOrder(torrents, filter, order)
				first, err := store.Torrents.Find(t.Context(), filter, domain.TorrentPage{Order: order, Limit: 10})
				ok(t, err)
				place := first[9].Place()
				removeTorrent(t, store, first[9].ID)
				torrents = slices.DeleteFunc(torrents, func(torrent *domain.Torrent) bool { return torrent.ID == first[9].ID })
				// One that is before the place, in every order.
				sibling := addTorrent(t, store, server, func(torrent *domain.Torrent) {
					before := *first[9]
					torrent.Name, torrent.CompletedAt, torrent.AcceptedAt = before.Name, before.CompletedAt, before.AcceptedAt
					torrent.CreatedAt = before.CreatedAt.Add(map[bool]time.Duration{true: -time.Microsecond, false: time.Microsecond}[order.Ascending])
				})
				second, err := store.Torrents.Find(t.Context(), filter, domain.TorrentPage{Order: order, After: &place, Limit: 10})
				ok(t, err)
				if !slices.Equal(ids(second), want[10:20]) {
					t.Errorf("%+v: the second page holds other torrents", order)
				}
				back, err := store.Torrents.Find(t.Context(), filter, domain.TorrentPage{Order: order, Before: &place, Limit: 10, FromEnd: true})
				ok(t, err)
				if want := inOrder(append(torrents, sibling), filter, order)[:10]; !slices.Equal(ids(back), want) {
					t.Errorf("%+v: the way back\n got %v\nwant %v", order, ids(back), want)
				}
			}
		},
		"a torrent that changes moves in the list": func(t *testing.T, store Store) {
			_, _, torrents := motley(t, store)
			for i, torrent := range torrents {
				torrents[i] = update(t, store, torrent.ID, func(torrent *domain.Torrent) {
					torrent.AcceptedAt, torrent.CompletedAt = nil, nil
					ok(t, torrent.Rename(fmt.Sprint(torrent.Name, "ﬀ", 50-i), after(20)))
					if i%4 == 1 {
						ok(t, torrent.Complete(after(i), after(20)))
					}
				})
			}
			for _, order := range orders() {
				found, err := store.Torrents.Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{Order: order})
				ok(t, err)
				if !slices.Equal(ids(found), inOrder(torrents, domain.TorrentFilter{}, order)) {
					t.Errorf("%+v: it did not", order)
				}
			}
		},
	}
}
