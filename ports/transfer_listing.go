package ports

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

// TransferListing tells of everything that a client holds, whoever has added it.
type TransferListing interface {
	// List returns all transfers, in one request or the least that the protocol
	// allows, in no particular order. KindUnavailable, too, while the client may not
	// have loaded all of them yet.
	List(ctx context.Context) ([]domain.HeldTransfer, error)
}
