package portstest

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// ServerTorrents is the contract of ports.ServerTorrents.
func ServerTorrents(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	facts{
		"each server has the page that it has when it is asked for alone": func(t *testing.T, store Store) {
			_, user, torrents := motley(t, store)
			place := ptr(torrents[20].Place())
			serverIDs := []uuid.UUID{torrents[0].ServerID, torrents[1].ServerID, addServer(t, store).ID, uuid.New(), torrents[0].ServerID}
			for _, filter := range []domain.TorrentFilter{
				{},
				{UserID: &user},
				{Status: domain.StatusDownloading, NameContains: "a"},
				{ServerID: &serverIDs[1]},
				{ServerID: ptr(uuid.New())},
				{IDs: []uuid.UUID{}},
				{IDs: ids(torrents[:3])},
			} {
				for _, order := range orders()[1:6] {
					for _, page := range []domain.TorrentPage{
						{}, {Limit: 5}, {Limit: 5, FromEnd: true}, {Limit: 4, After: place}, {Limit: 4, Before: place, FromEnd: true}, {Before: place},
					} {
						page.Order = order
						found, err := store.ServerTorrents.FindOnServers(t.Context(), serverIDs, filter, page)
						ok(t, err)
						for _, id := range serverIDs {
							alone := filter
							alone.ServerID = &id
							var want []*domain.Torrent
							if filter.ServerID == nil || *filter.ServerID == id {
								want, err = store.Torrents.Find(t.Context(), alone, page)
								ok(t, err)
							}
							same(t, append([]*domain.Torrent{}, found[id]...), append([]*domain.Torrent{}, want...))
						}
					}
				}
			}
		},
		"a thousand servers are asked at once": func(t *testing.T, store Store) {
			server := addServer(t, store)
			torrent := addTorrent(t, store, server)
			serverIDs := []uuid.UUID{}
			for range 999 {
				serverIDs = append(serverIDs, uuid.New())
			}
			found, err := store.ServerTorrents.FindOnServers(t.Context(), append(serverIDs, server.ID), domain.TorrentFilter{}, domain.TorrentPage{Limit: 3})
			ok(t, err)
			if list := found[server.ID]; len(list) != 1 || list[0].ID != torrent.ID {
				t.Errorf("found %v", list)
			}
		},
		"no servers have no torrents": func(t *testing.T, store Store) {
			addTorrent(t, store, addServer(t, store))
			found, err := store.ServerTorrents.FindOnServers(t.Context(), nil, domain.TorrentFilter{}, domain.TorrentPage{})
			ok(t, err)
			if len(found) > 0 {
				t.Errorf("found %v", found)
			}
		},
		"an ended context ends reading the lists of servers": func(t *testing.T, store Store) {
			server := addServer(t, store)
			refuses(t, map[string]func(ctx context.Context) error{
				"FindOnServers": func(ctx context.Context) error {
					_, err := store.ServerTorrents.FindOnServers(ctx, []uuid.UUID{server.ID}, domain.TorrentFilter{}, domain.TorrentPage{})
					return err
				},
			})
		},
	}.prove(t, open)
}
