package portstest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func sourceOf(torrent *domain.Torrent) domain.TorrentSource {
	return domain.TorrentSource{MagnetURI: torrent.MagnetURI.String()}
}

// aKeyedTorrent returns a torrent of user, not stored yet, that has claimed a key.
func aKeyedTorrent(t *testing.T, server *domain.Server, user *uuid.UUID, key string) *domain.Torrent {
	t.Helper()
	torrent, err := domain.NewTorrent(aMagnet(t), "a torrent", *server, user, morning)
	ok(t, err)
	ok(t, torrent.ClaimKey(key, sourceOf(torrent)))
	return torrent
}

// underKey returns the one torrent that is had under a key; nil if none is.
func underKey(t *testing.T, store Store, user uuid.UUID, key string) *domain.KeyedTorrent {
	t.Helper()
	found, err := store.Keys.Torrents(t.Context(), user, []string{"another", key})
	ok(t, err)
	if keyed, taken := found[key]; taken && len(found) == 1 {
		return &keyed
	}
	if len(found) > 0 {
		t.Fatalf("found %v", found)
	}
	return nil
}

// IdempotencyKeys is the contract of ports.IdempotencyKeys.
func IdempotencyKeys(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	takenKeys().prove(t, open)
	facts{
		"a torrent is had under its key, in every field and with what was asked for": func(t *testing.T, store Store) {
			user := uuid.New()
			for _, key := range []string{"k", "'; DROP TABLE torrents; --", "Schlüssel 🔑 ?", strings.Repeat("🔑", domain.MaxNameLength)} {
				torrent := wholeTorrent(t, addServer(t, store))
				torrent.UserID = &user
				ok(t, torrent.ClaimKey(key, sourceOf(torrent)))
				ok(t, store.Torrents.Add(t.Context(), torrent))
				got := underKey(t, store, user, key)
				if got == nil {
					t.Fatalf("nothing under %q", key)
				}
				same(t, got.Torrent, torrent)
				ok(t, got.Repeats(sourceOf(torrent), &torrent.ServerID))
				if got.UserID != user || got.Text != key || got.TorrentID != torrent.ID {
					t.Errorf("the key is %+v", got.IdempotencyKey)
				}
			}
		},
		"a torrent is had as it is now, moved, given away or removed": func(t *testing.T, store Store) {
			server, other, user := addServer(t, store), addServer(t, store), uuid.New()
			torrent := aKeyedTorrent(t, server, &user, "k")
			ok(t, store.Torrents.Add(t.Context(), torrent))
			now := update(t, store, torrent.ID, func(torrent *domain.Torrent) {
				torrent.AssignServer(*other, after(1))
				torrent.AssignUser(nil, after(1))
				torrent.ReplaceMagnet(aMagnet(t), after(1))
				torrent.Remove(false, after(2))
			})
			got := underKey(t, store, user, "k")
			if got == nil {
				t.Fatal("there is nothing under its key any more")
			}
			same(t, got.Torrent, now)
			ok(t, got.Repeats(sourceOf(torrent), &server.ID))
			if underKey(t, store, uuid.Nil, "k") != nil {
				t.Error("the key went with the torrent")
			}
		},
		"users do not share keys, nor does nobody, and case counts": func(t *testing.T, store Store) {
			server := addServer(t, store)
			users := []*uuid.UUID{nil, ptr(uuid.New()), ptr(uuid.New())}
			for _, user := range users {
				for _, key := range []string{"k", "K"} {
					torrent := aKeyedTorrent(t, server, user, key)
					ok(t, store.Torrents.Add(t.Context(), torrent))
					owner := uuid.Nil
					if user != nil {
						owner = *user
					}
					if got := underKey(t, store, owner, key); got == nil || got.TorrentID != torrent.ID {
						t.Errorf("got %+v", got)
					}
				}
			}
		},
		"many keys are looked up at once, no keys are nothing": func(t *testing.T, store Store) {
			server := addServer(t, store)
			var torrents []*domain.Torrent
			var keys []string
			for i := range 1000 {
				keys = append(keys, fmt.Sprintf("key %d", i))
				if i%2 == 0 {
					torrents = append(torrents, aKeyedTorrent(t, server, nil, keys[i]))
				}
			}
			ok(t, store.Torrents.Add(t.Context(), torrents...))
			for _, none := range [][]string{nil, {}} {
				found, err := store.Keys.Torrents(t.Context(), uuid.Nil, none)
				ok(t, err)
				if len(found) > 0 {
					t.Errorf("found %v", found)
				}
			}
			found, err := store.Keys.Torrents(t.Context(), uuid.Nil, keys)
			ok(t, err)
			if len(found) != len(torrents) {
				t.Errorf("found %d", len(found))
			}
		},
		"an ended context ends looking": func(t *testing.T, store Store) {
			refuses(t, map[string]func(ctx context.Context) error{
				"Torrents": func(ctx context.Context) error {
					_, err := store.Keys.Torrents(ctx, uuid.Nil, []string{"k"})
					return err
				},
			})
		},
	}.prove(t, open)
}

func takenKeys() facts {
	return facts{
		"a key is taken once, and its second torrent leaves nothing behind": func(t *testing.T, store Store) {
			server := addServer(t, store)
			for _, user := range []*uuid.UUID{nil, ptr(uuid.New())} {
				ok(t, store.Torrents.Add(t.Context(), aKeyedTorrent(t, server, user, "k")))
				before := len(logged(t, store))
				other, again := aTorrent(t, server, morning), aKeyedTorrent(t, server, user, "k")
				for range 2 { // it keeps its key when it could not be added
					fails(t, store.Torrents.Add(t.Context(), other, again), domain.KindConflict, "idempotencyKey")
				}
				for _, id := range []uuid.UUID{other.ID, again.ID} {
					_, err := store.Torrents.Get(t.Context(), id)
					fails(t, err, domain.KindNotFound)
				}
				if n := len(logged(t, store)); n != before {
					t.Errorf("%d events more", n-before)
				}
			}
		},
		"the key of a removed torrent stays taken": func(t *testing.T, store Store) {
			server := addServer(t, store)
			torrent := aKeyedTorrent(t, server, nil, "k")
			ok(t, store.Torrents.Add(t.Context(), torrent))
			removeTorrent(t, store, torrent.ID)
			fails(t, store.Torrents.Add(t.Context(), aKeyedTorrent(t, server, nil, "k")), domain.KindConflict, "idempotencyKey")
		},
		"two torrents that are added together cannot have one key": func(t *testing.T, store Store) {
			server := addServer(t, store)
			err := store.Torrents.Add(t.Context(), aKeyedTorrent(t, server, nil, "k"), aKeyedTorrent(t, server, nil, "k"))
			fails(t, err, domain.KindConflict, "idempotencyKey")
			if underKey(t, store, uuid.Nil, "k") != nil || len(logged(t, store)) > 0 {
				t.Error("one of them was added")
			}
		},
		"of many who claim the same keys at once, in any order, one gets each": func(t *testing.T, store Store) {
			server := addServer(t, store)
			errs := together(16, func(i int) error {
				first, second := aKeyedTorrent(t, server, nil, "a"), aKeyedTorrent(t, server, nil, "b")
				if i%2 == 0 {
					first, second = second, first
				}
				return store.Torrents.Add(t.Context(), first, second)
			})
			added := 0
			for _, err := range errs {
				if err == nil {
					added++
					continue
				}
				fails(t, err, domain.KindConflict, "idempotencyKey")
			}
			if n := len(logged(t, store)); added != 1 || n != 2 {
				t.Errorf("%d were added, with %d events", added, n)
			}
		},
	}
}
