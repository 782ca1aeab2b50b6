package domain

import (
	"time"

	"github.com/google/uuid"
)

// TorrentFilter narrows a list of torrents; a zero field does not.
type TorrentFilter struct {
	// IDs: only these; nil for all. Those that do not exist are passed over.
	IDs []uuid.UUID
	// UserID: only this user's.
	UserID *uuid.UUID
	// ServerID: only this server's.
	ServerID *uuid.UUID
	// Status: only those in this state; "" any.
	Status Status
	// HasProblem: only those with (true) or without (false) a problem.
	HasProblem *bool
}

// TorrentPage asks for part of a list that is ordered by creation, newest
// first, and by id where that is equal.
type TorrentPage struct {
	// After continues behind this place; nil starts at the top.
	After *TorrentPlace
	// Limit is the most torrents to return; 0 is no limit.
	Limit int
}

// TorrentPlace is a torrent's place in the list.
type TorrentPlace struct {
	CreatedAt time.Time
	ID        uuid.UUID
}

// Place returns where t stands in the list.
func (t *Torrent) Place() TorrentPlace { return TorrentPlace{CreatedAt: t.CreatedAt, ID: t.ID} }
