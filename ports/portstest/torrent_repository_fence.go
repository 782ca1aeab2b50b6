package portstest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func fencedUpdates() facts {
	refused := func(t *testing.T, store Store, torrent *domain.Torrent, lease *domain.Lease) {
		t.Helper()
		before := logged(t, store)
		_, err := store.Torrents.Update(t.Context(), []uuid.UUID{torrent.ID}, lease, rename("too late"))
		fails(t, err, domain.KindConflict)
		updated := update(t, store, torrent.ID, func(*domain.Torrent) {})
		if updated.Name == "too late" || len(logged(t, store)) != len(before) {
			t.Error("the change was saved")
		}
	}
	return facts{
		"a change under a held lease is saved": func(t *testing.T, store Store) {
			server := addServer(t, store)
			torrent := addTorrent(t, store, server)
			_, lease := claim(t, store, server, "a", time.Hour)
			_, err := store.Torrents.Update(t.Context(), []uuid.UUID{torrent.ID}, lease, rename("in time"))
			ok(t, err)
			got, err := store.Torrents.Get(t.Context(), torrent.ID)
			ok(t, err)
			if got.Name != "in time" {
				t.Error("it was not")
			}
		},
		"a change under a lost lease is refused": func(t *testing.T, store Store) {
			for name, lose := range loseLease() {
				server := addServer(t, store)
				torrent := addTorrent(t, store, server)
				lease := lose(t, store, server)
				t.Log(name)
				refused(t, store, torrent, lease)
			}
		},
		"a change without a lease is saved although the server is leased": func(t *testing.T, store Store) {
			server := addServer(t, store)
			torrent := addTorrent(t, store, server)
			claim(t, store, server, "a", time.Hour)
			update(t, store, torrent.ID, func(torrent *domain.Torrent) { torrent.Name = "by hand" })
		},
	}
}
