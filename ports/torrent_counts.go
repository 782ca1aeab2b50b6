package ports

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// TorrentCounts tells how long lists of torrents are. Each method is one query.
type TorrentCounts interface {
	// Count is how many live torrents the filter leaves.
	Count(ctx context.Context, filter domain.TorrentFilter) (int, error)

	// CountOnServers is the same for each of some servers, at once; a server
	// without any may be absent from the answer.
	CountOnServers(ctx context.Context, serverIDs []uuid.UUID, filter domain.TorrentFilter) (map[uuid.UUID]int, error)

	// CountBy is the same by status, server and user.
	CountBy(ctx context.Context, filter domain.TorrentFilter) (domain.TorrentCounts, error)
}
