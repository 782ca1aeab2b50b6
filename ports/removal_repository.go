package ports

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// RemovalRepository keeps the removals that torrents have recorded until a
// check has carried them out.
type RemovalRepository interface {
	// Pending returns a server's removals, oldest first, in one query. A removal
	// is StillNeeded when a live torrent of the server has its infohash and is open,
	// is seeding for a goal, or has completed and is not wished to be removed then.
	Pending(ctx context.Context, serverID uuid.UUID) ([]domain.PendingRemoval, error)

	// Finish forgets removals. Unknown ids are fine.
	Finish(ctx context.Context, ids []uuid.UUID) error
}
