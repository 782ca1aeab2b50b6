package ports

import (
	"context"

	"github.com/google/uuid"
)

// MetainfoRepository reads the .torrent files that torrents were made from. They are
// saved by TorrentRepository, in the transaction of their torrents, and deleted in the
// one that removes the torrent or gives it other content.
type MetainfoRepository interface {
	// Sizes returns how many bytes the files of torrents have, in one query. Torrents
	// that have none, made from a magnet or not there, are absent.
	Sizes(ctx context.Context, torrentIDs []uuid.UUID) (map[uuid.UUID]int64, error)

	// Contents returns the files themselves, in one query; those that there are none of
	// are absent. It is for the caller to ask for no more than memory holds.
	Contents(ctx context.Context, torrentIDs []uuid.UUID) (map[uuid.UUID][]byte, error)
}
