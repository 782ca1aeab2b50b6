package ports

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// IdempotencyKeys tells what was added under which key. Keys are saved by
// TorrentRepository.Add, in the transaction of their torrents, and stay.
type IdempotencyKeys interface {
	// Torrents returns the torrents that were added under a user's keys (uuid.Nil:
	// nobody's), by the key's text, removed torrents included, in one query. Keys
	// that have not been used are absent.
	Torrents(ctx context.Context, userID uuid.UUID, keys []string) (map[string]domain.KeyedTorrent, error)
}
