package domain

import (
	"time"

	"github.com/google/uuid"
)

// Removal is the wish that a server's client no longer holds an infohash. It is
// recorded with the change that gave rise to it and carried out by a check,
// unless by then some other torrent needs the transfer there.
type Removal struct {
	ID       uuid.UUID
	ServerID uuid.UUID
	InfoHash InfoHash
	// DeleteData: the downloaded files go, too.
	DeleteData bool
	CreatedAt  time.Time
}

// PendingRemoval is a Removal as a check reads it.
type PendingRemoval struct {
	Removal
	// StillNeeded: a live torrent on the same server wants the transfer, so the
	// removal has become void.
	StillNeeded bool
}

func newRemoval(server uuid.UUID, hash InfoHash, deleteData bool, now time.Time) Removal {
	return Removal{ID: uuid.New(), ServerID: server, InfoHash: hash, DeleteData: deleteData, CreatedAt: now}
}
