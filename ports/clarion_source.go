package ports

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

// ClarionSource reads the database of a Clarion host, and changes nothing in it.
// KindUnavailable when it cannot be read.
type ClarionSource interface {
	// Servers returns the live torrent servers in the order of their ids.
	Servers(ctx context.Context) ([]domain.ClarionServer, error)

	// Torrents returns up to limit live torrents whose ids are behind after, in the
	// order of their ids; "" is before all.
	Torrents(ctx context.Context, after string, limit int) ([]domain.ClarionTorrent, error)
}
