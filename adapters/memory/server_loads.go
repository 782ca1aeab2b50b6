package memory

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/ports"
)

type serverLoads struct{ *Store }

// ServerLoads is the Store as a ports.ServerLoads.
func (s *Store) ServerLoads() ports.ServerLoads { return serverLoads{s} }

// OpenTorrents implements ports.ServerLoads.
func (s serverLoads) OpenTorrents(ctx context.Context, serverIDs []uuid.UUID) (loads map[uuid.UUID]int, err error) {
	err = s.do(ctx, "ServerLoads.OpenTorrents", func() error {
		loads = make(map[uuid.UUID]int, len(serverIDs))
		for _, id := range serverIDs {
			loads[id] = s.openTorrents(id)
		}
		return nil
	})
	return loads, err
}

// openTorrents counts the open torrents of a server.
func (s *Store) openTorrents(serverID uuid.UUID) int {
	count := 0
	for _, torrent := range s.torrents {
		if torrent.Open() && torrent.ServerID == serverID {
			count++
		}
	}
	return count
}
