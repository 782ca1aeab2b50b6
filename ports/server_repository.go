package ports

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// ServerRepository keeps servers. Credentials are encrypted at rest.
type ServerRepository interface {
	// Add saves a new server; KindConflict when its id is taken.
	Add(ctx context.Context, server *domain.Server) error

	// Get returns a live server; KindNotFound when there is none of that id.
	Get(ctx context.Context, id uuid.UUID) (*domain.Server, error)

	// Find returns servers, oldest first; none is no error.
	Find(ctx context.Context, filter domain.ServerFilter) ([]*domain.Server, error)

	// Update loads and locks a live server, lets change alter it, saves it, and
	// ends the lease of whoever is checking it, so that nothing decided on the old
	// server is written. KindNotFound as Get; an error of change undoes all.
	Update(ctx context.Context, id uuid.UUID, change func(*domain.Server) error) (*domain.Server, error)

	// Remove is Update for an ending: change is told how many open torrents the
	// server holds, and no torrent can be added to it meanwhile. When it ends,
	// its pending removals are forgotten.
	Remove(ctx context.Context, id uuid.UUID, change func(server *domain.Server, openTorrents int) error) error
}
