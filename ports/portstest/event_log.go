package portstest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// EventLog is the contract of ports.EventLog.
func EventLog(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	readingEvents().prove(t, open)
	pruningEvents().prove(t, open)
	tailingEvents().prove(t, open)
}

func readingEvents() facts {
	return facts{
		"an event is read as it was recorded, in every field": func(t *testing.T, store Store) {
			server, user := addServer(t, store), uuid.New()
			torrent := aTorrent(t, server, after(1))
			torrent.UserID = &user
			torrent.TakeEvents()
			ok(t, torrent.Rename("ünï 🎬 '\"\\", after(2)))
			ok(t, store.Torrents.Add(t.Context(), torrent))
			report := finished(torrent)
			transfer := report.Transfers[torrent.InfoHash()]
			transfer.LocalError = "disk full – ünï"
			failing := domain.Report{Transfers: map[domain.InfoHash]domain.Transfer{torrent.InfoHash(): transfer}}
			update(t, store, torrent.ID, func(torrent *domain.Torrent) {
				torrent.Accept(*server, torrent.InfoHash(), torrent.InfoHash(), after(3))
				torrent.Observe(*server, failing, after(4))
				torrent.AssignUser(nil, after(5))
				torrent.Observe(*server, report, after(6).Add(time.Microsecond))
			})
			got := logged(t, store)
			hash := torrent.InfoHash().String()
			event := func(kind domain.EventType, hash string, at time.Time, user *uuid.UUID) domain.Event {
				return domain.Event{
					Type: kind, TorrentID: torrent.ID, ServerID: server.ID, UserID: user,
					Name: "ünï 🎬 '\"\\", HashString: hash, At: at,
				}
			}
			done := after(6).Add(time.Microsecond)
			want := []domain.Event{
				event(domain.EventChanged, "", after(2), &user),
				event(domain.EventChanged, hash, after(3), &user),
				event(domain.EventProblemRaised, hash, after(4), &user),
				event(domain.EventChanged, hash, after(5), nil),
				event(domain.EventProblemCleared, hash, done, nil),
				event(domain.EventCompleted, hash, done, nil),
			}
			want[2].Problem, want[5].CompletedAt = transfer.LocalError, &done
			for i := range min(len(got), len(want)) {
				want[i].Cursor = got[i].Cursor
				if got[i].Cursor <= 0 || i > 0 && got[i].Cursor <= got[i-1].Cursor {
					t.Errorf("event %d has cursor %d", i, got[i].Cursor)
				}
			}
			same(t, got, want)
		},
		"going on from the last cursor reads each event once, in order": func(t *testing.T, store Store) {
			server := addServer(t, store)
			for range 23 {
				addTorrent(t, store, server)
			}
			all := logged(t, store)
			for _, limit := range []int{1, 4, 23, 100} {
				var joined []domain.Event
				query := ports.EventQuery{Limit: limit}
				for {
					events, err := store.EventLog.After(t.Context(), query)
					ok(t, err)
					if len(events) == 0 {
						break
					}
					if len(events) > limit {
						t.Fatalf("asked for %d, read %d", limit, len(events))
					}
					joined = append(joined, events...)
					query.After = events[len(events)-1].Cursor
				}
				same(t, joined, all)
			}
		},
		"every combination of filters reads what it says": func(t *testing.T, store Store) {
			server, users := addServer(t, store), []uuid.UUID{uuid.New(), uuid.New()}
			for i := range 9 {
				torrent := addTorrent(t, store, server, func(torrent *domain.Torrent) {
					torrent.TakeEvents()
					if i%3 < 2 {
						torrent.AssignUser(&users[i%3], after(1))
					}
				})
				update(t, store, torrent.ID, func(torrent *domain.Torrent) {
					ok(t, torrent.Complete(after(2), after(3)))
					torrent.MarkIncomplete(after(4))
					torrent.AssignUser(&users[1], after(5))
				})
			}
			all := logged(t, store)
			for _, types := range [][]domain.EventType{
				nil, {}, {domain.EventCompleted}, {domain.EventCompleted, domain.EventChanged}, {domain.EventRemoved},
			} {
				for _, user := range []*uuid.UUID{nil, &users[0], &users[1], ptr(uuid.New())} {
					for _, start := range []domain.Cursor{0, all[7].Cursor} {
						for _, limit := range []int{3, 1000} {
							want := []domain.Event{}
							for _, event := range all {
								if event.Cursor > start && len(want) < limit &&
									(len(types) == 0 || slices.Contains(types, event.Type)) &&
									(user == nil || event.UserID != nil && *event.UserID == *user) {
									want = append(want, event)
								}
							}
							filter := domain.EventFilter{Types: types, UserID: user}
							got, err := store.EventLog.After(t.Context(), ports.EventQuery{After: start, Filter: filter, Limit: limit})
							ok(t, err)
							same(t, append([]domain.Event{}, got...), want)
						}
					}
				}
			}
		},
		"filters by torrent and by server read what they say": func(t *testing.T, store Store) {
			servers := []*domain.Server{addServer(t, store), addServer(t, store)}
			var torrents []uuid.UUID
			for i := range 6 {
				torrents = append(torrents, addTorrent(t, store, servers[i%2]).ID)
			}
			update(t, store, torrents[0], func(torrent *domain.Torrent) { torrent.AssignServer(*servers[1], after(2)) })
			all := logged(t, store)
			for _, filter := range []domain.EventFilter{
				{ServerID: &servers[0].ID},
				{ServerID: &servers[1].ID},
				{ServerID: ptr(uuid.New())},
				{TorrentIDs: []uuid.UUID{}},
				{TorrentIDs: []uuid.UUID{uuid.New()}},
				{TorrentIDs: torrents[:3]},
				{TorrentIDs: torrents[:3], ServerID: &servers[1].ID, Types: []domain.EventType{domain.EventAdded}},
			} {
				want := []domain.Event{}
				for i := range all {
					if filter.Matches(&all[i]) {
						want = append(want, all[i])
					}
				}
				got, err := store.EventLog.After(t.Context(), ports.EventQuery{Filter: filter, Limit: 100})
				ok(t, err)
				same(t, append([]domain.Event{}, got...), want)
			}
		},
		"there is nothing behind the newest event": func(t *testing.T, store Store) {
			server := addServer(t, store)
			for range 3 {
				addTorrent(t, store, server)
				newest, err := store.EventLog.Newest(t.Context())
				ok(t, err)
				if all := logged(t, store); newest != all[len(all)-1].Cursor {
					t.Errorf("newest is %d, last %d", newest, all[len(all)-1].Cursor)
				}
				events, err := store.EventLog.After(t.Context(), ports.EventQuery{After: newest, Limit: 10})
				ok(t, err)
				if len(events) > 0 {
					t.Errorf("behind the newest are %d", len(events))
				}
			}
		},
		"a log that never had an event is empty and its newest is 0": func(t *testing.T, store Store) {
			newest, err := store.EventLog.Newest(t.Context())
			ok(t, err)
			if newest != 0 || len(logged(t, store)) > 0 {
				t.Errorf("newest is %d", newest)
			}
		},
		"an ended context ends every call on events": func(t *testing.T, store Store) {
			server := addServer(t, store)
			addTorrent(t, store, server)
			addTorrent(t, store, server)
			refuses(t, map[string]func(ctx context.Context) error{
				"After": func(ctx context.Context) error {
					_, err := store.EventLog.After(ctx, ports.EventQuery{Limit: 1})
					return err
				},
				"Newest": func(ctx context.Context) error { _, err := store.EventLog.Newest(ctx); return err },
				"Oldest": func(ctx context.Context) error { _, err := store.EventLog.Oldest(ctx); return err },
				"Prune":  func(ctx context.Context) error { _, err := store.EventLog.Prune(ctx, after(999)); return err },
			})
			if events := logged(t, store); len(events) != 2 {
				t.Errorf("%d are left", len(events))
			}
		},
	}
}
