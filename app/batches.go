package app

import (
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// batches cuts ids into runs of at most size, so that no statement or transaction
// grows without bound.
func batches(ids []uuid.UUID, size int) iter.Seq[[]uuid.UUID] { return slices.Chunk(ids, size) }

func idsOf(open []domain.OpenTorrent) []uuid.UUID {
	ids := make([]uuid.UUID, len(open))
	for i, o := range open {
		ids[i] = o.ID
	}
	return ids
}
