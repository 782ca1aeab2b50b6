package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// remove takes out of the client what nobody needs there any more. Removals that
// the client cannot carry out wait for the next check and hold up nothing else.
func (r *round) remove(ctx context.Context) error {
	pending, err := r.Removals.Pending(ctx, r.server.ID)
	if err != nil || len(pending) == 0 {
		return err
	}
	var done []uuid.UUID
	wished := map[bool][]domain.PendingRemoval{} // by whether the data goes, too
	for _, removal := range pending {
		if removal.StillNeeded {
			done = append(done, removal.ID) // void
		} else {
			wished[removal.DeleteData] = append(wished[removal.DeleteData], removal)
		}
	}
	var away error
	// With data first: where both are wished for one transfer, the data goes.
	for _, deleteData := range []bool{true, false} {
		var carriedOut []uuid.UUID
		if carriedOut, away = r.carryOut(ctx, wished[deleteData], deleteData); away != nil {
			break
		}
		done = append(done, carriedOut...)
		r.result.Removed += len(carriedOut)
	}
	if err := r.Removals.Finish(ctx, done); err != nil {
		return err
	}
	return away
}

// carryOut removes all at once and, should the client fail over that, one by one.
// It returns the removals that are done, and an error when the client is away.
func (r *round) carryOut(ctx context.Context, removals []domain.PendingRemoval, deleteData bool) ([]uuid.UUID, error) {
	if len(removals) == 0 {
		return nil, nil
	}
	ids, hashes := make([]uuid.UUID, len(removals)), make([]domain.InfoHash, len(removals))
	for i, removal := range removals {
		ids[i], hashes[i] = removal.ID, removal.InfoHash
	}
	// Where the type cannot delete data, the transfer goes at least: a removal that
	// waits for ever helps nobody. Who asks for it is told at the door.
	deleteData = deleteData && r.Clients.Capabilities(r.server.Type).Has(domain.CapabilityDeleteData)
	err := r.client.Remove(ctx, hashes, deleteData)
	if err == nil {
		return ids, nil
	}
	if !refused(err) {
		if err := r.away(ctx, err); err != nil {
			return nil, err
		}
	}
	if len(removals) == 1 {
		r.result.Stuck++
		r.Log.WarnContext(ctx, "the client cannot remove a torrent; it is tried again",
			"server", r.server.ID, "infohash", hashes[0], "error", err)
		return nil, nil
	}
	var done []uuid.UUID
	for i := range removals {
		one, err := r.carryOut(ctx, removals[i:i+1], deleteData)
		if err != nil {
			return done, err
		}
		done = append(done, one...)
	}
	return done, nil
}
