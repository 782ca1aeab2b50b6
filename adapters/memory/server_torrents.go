package memory

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

type serverTorrents struct{ *Store }

// ServerTorrents is the Store as a ports.ServerTorrents.
func (s *Store) ServerTorrents() ports.ServerTorrents { return serverTorrents{s} }

// FindOnServers implements ports.ServerTorrents.
func (s serverTorrents) FindOnServers(
	ctx context.Context, serverIDs []uuid.UUID, filter domain.TorrentFilter, page domain.TorrentPage,
) (found map[uuid.UUID][]*domain.Torrent, err error) {
	err = s.do(ctx, "ServerTorrents.FindOnServers", func() error {
		found = make(map[uuid.UUID][]*domain.Torrent, len(serverIDs))
		for _, id := range serverIDs {
			if filter.ServerID == nil || *filter.ServerID == id {
				ofServer := filter
				ofServer.ServerID = &id
				found[id] = s.page(ofServer, page)
			}
		}
		return nil
	})
	return found, err
}
