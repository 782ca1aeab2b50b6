package ports

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// ServerTorrents reads the lists of many servers at once.
type ServerTorrents interface {
	// FindOnServers returns the same page of each server's list, as
	// TorrentRepository.Find does for one server, in one query for all (of some
	// hundreds at a time). A server whose page is empty may be absent.
	FindOnServers(
		ctx context.Context, serverIDs []uuid.UUID, filter domain.TorrentFilter, page domain.TorrentPage,
	) (map[uuid.UUID][]*domain.Torrent, error)
}
