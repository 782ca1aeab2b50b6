package ports

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

// TransferControl is what one does with the transfers that a client holds. All of
// it may be repeated. In lists, unknown infohashes are passed over, and none do
// nothing, never "all"; it is one request for all of them where the protocol has
// one. What a type of client cannot do is answered with domain.Lacks.
type TransferControl interface {
	// Pause stops transfers by hand: nothing is downloaded or given to others.
	Pause(ctx context.Context, hashes []domain.InfoHash) error

	// Resume lets transfers go on.
	Resume(ctx context.Context, hashes []domain.InfoHash) error

	// Verify has the data of transfers held against its hashes. It returns when the
	// client has taken that on.
	Verify(ctx context.Context, hashes []domain.InfoHash) error

	// Configure changes the settings of one transfer. KindNotFound when the client
	// does not hold it; KindInvalid or KindConflict when it refuses, the latter when files
	// are chosen while the metadata is missing, unless the choice is kept until then.
	Configure(ctx context.Context, hash domain.InfoHash, settings domain.TransferSettings) error
}
