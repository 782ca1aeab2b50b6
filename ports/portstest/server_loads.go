package portstest

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// ServerLoads is the contract of ports.ServerLoads.
func ServerLoads(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	facts{
		"the open torrents of each server are counted": func(t *testing.T, store Store) {
			busy, calm, idle, other := addServer(t, store), addServer(t, store), addServer(t, store), addServer(t, store)
			for range 3 {
				addTorrent(t, store, busy)
			}
			addTorrent(t, store, calm, func(torrent *domain.Torrent) { torrent.AcceptedAt = ptr(after(1)) })
			for _, server := range []*domain.Server{busy, idle} {
				addTorrent(t, store, server, func(torrent *domain.Torrent) { torrent.CompletedAt = ptr(after(1)) })
				removeTorrent(t, store, addTorrent(t, store, server).ID)
			}
			addTorrent(t, store, other)
			loads, err := store.ServerLoads.OpenTorrents(t.Context(), []uuid.UUID{busy.ID, calm.ID, idle.ID, uuid.New()})
			ok(t, err)
			for id, want := range map[uuid.UUID]int{busy.ID: 3, calm.ID: 1, idle.ID: 0} {
				if loads[id] != want {
					t.Errorf("counted %d, want %d", loads[id], want)
				}
			}
			if _, asked := loads[other.ID]; asked {
				t.Error("a server that nobody asked for was counted")
			}
		},
		"no servers have no load": func(t *testing.T, store Store) {
			addTorrent(t, store, addServer(t, store))
			for _, none := range [][]uuid.UUID{nil, {}} {
				loads, err := store.ServerLoads.OpenTorrents(t.Context(), none)
				ok(t, err)
				if len(loads) > 0 {
					t.Errorf("loads are %v", loads)
				}
			}
		},
		"an ended context ends counting": func(t *testing.T, store Store) {
			server := addServer(t, store)
			refuses(t, map[string]func(ctx context.Context) error{
				"OpenTorrents": func(ctx context.Context) error {
					_, err := store.ServerLoads.OpenTorrents(ctx, []uuid.UUID{server.ID})
					return err
				},
			})
		},
	}.prove(t, open)
}
