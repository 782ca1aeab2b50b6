package ports

import (
	"context"

	"github.com/google/uuid"
)

// ServerLoads tells how busy servers are.
type ServerLoads interface {
	// OpenTorrents counts the open torrents of each server; a server without any
	// may be absent from the answer.
	OpenTorrents(ctx context.Context, serverIDs []uuid.UUID) (map[uuid.UUID]int, error)
}
