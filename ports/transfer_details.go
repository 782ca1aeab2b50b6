package ports

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

// TransferDetails tells of the inside of one transfer: KindNotFound when the client
// does not hold it, and domain.Lacks for what its type does not tell.
type TransferDetails interface {
	// Files lists the files in the order of the metainfo; none while that is missing.
	Files(ctx context.Context, hash domain.InfoHash) ([]domain.TransferFile, error)

	// Trackers lists the trackers, by tier.
	Trackers(ctx context.Context, hash domain.InfoHash) ([]domain.Tracker, error)

	// Peers lists who the client is connected with.
	Peers(ctx context.Context, hash domain.InfoHash) ([]domain.Peer, error)
}
