package ports

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// TorrentRepository keeps torrents. A torrent and the events and removals it
// has recorded, the key it has claimed, and the .torrent file it carries or drops, are
// saved in one transaction.
type TorrentRepository interface {
	// Add saves new torrents, all or none, in one transaction. Their servers must
	// be live: else KindInvalid, field "serverId", also when a server is removed
	// at the same moment. KindConflict, field "idempotencyKey", when a key that one
	// of them has claimed is taken.
	Add(ctx context.Context, torrents ...*domain.Torrent) error

	// Get returns a live torrent; KindNotFound when there is none of that id.
	Get(ctx context.Context, id uuid.UUID) (*domain.Torrent, error)

	// Find returns a page of the live torrents that filter leaves, in the page's
	// order; none is no error. Texts are compared as domain.Fold has them, by code
	// points. Beginning at a place, or ending at one, costs the same however deep
	// it lies; the place itself need not be in the list any more.
	Find(ctx context.Context, filter domain.TorrentFilter, page domain.TorrentPage) ([]*domain.Torrent, error)

	// Update loads those of ids that exist, removed ones included, locks them,
	// lets change alter each, and saves what was altered. An error of change
	// undoes everything and is returned. It returns all loaded torrents, in no
	// order. The server that a torrent is newly put or reopened on must be live: else
	// KindInvalid, field "serverId", and no change. With a lease, KindConflict and no change when the lease is lost.
	// change may be called for any id at most once and must not use the network.
	Update(ctx context.Context, ids []uuid.UUID, lease *domain.Lease, change func(*domain.Torrent) error) ([]*domain.Torrent, error)

	// Open returns what a check needs to know of all torrents of a server that it
	// attends to (domain.Torrent.Attended): the open ones, and few others; in one query,
	// oldest first.
	Open(ctx context.Context, serverID uuid.UUID) ([]domain.OpenTorrent, error)
}
