package database

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
)

// torrentRow is a row of torrents. It is comparable: absent values are zero, and
// times are UTC once they have been through the domain.
//
// The types are said where Bun casts values to them, in bulk updates.
type torrentRow struct {
	bun.BaseModel `bun:"table:torrents,alias:t"`

	ID           uuid.UUID `bun:"id,pk,type:uuid"`
	LocalNode    string    `bun:"local_node"`
	ServerID     uuid.UUID `bun:"server_id,type:uuid"`
	UserID       uuid.UUID `bun:"user_id,type:uuid,nullzero"`
	HashString   string    `bun:"hash_string,nullzero"`
	Name         string    `bun:"name,nullzero"`
	CompletedAt  time.Time `bun:"completed_at,nullzero"`
	CreatedAt    time.Time `bun:"created_at"`
	UpdatedAt    time.Time `bun:"updated_at"`
	DeletedAt    time.Time `bun:"deleted_at,nullzero"`
	InfoHash     string    `bun:"info_hash"`
	AcceptedAt   time.Time `bun:"accepted_at,nullzero"`
	MissingSince time.Time `bun:"missing_since,nullzero"`
	problemColumns
	MagnetURI string `bun:"magnetURI"`
}

// What an update may write: always the state, which checks change, and the wish,
// with its long magnet, only where it is changed.
var (
	torrentStateColumns = []string{
		"hash_string", "name", "completed_at", "updated_at", "deleted_at", "accepted_at", "missing_since",
		"problem_code", "problem_message", "problem_since", "problem_attempts", "retry_at",
	}
	torrentWishColumns = []string{"local_node", "server_id", "user_id", "created_at", "info_hash", "magnetURI"}
)

// torrentWish is the part of a row that torrentWishColumns are.
type torrentWish struct {
	localNode           string
	serverID, userID    uuid.UUID
	createdAt           time.Time
	infoHash, magnetURI string
}

func (r *torrentRow) wish() torrentWish {
	return torrentWish{r.LocalNode, r.ServerID, r.UserID, r.CreatedAt, r.InfoHash, r.MagnetURI}
}

// open reports whether the torrent still has to be downloaded.
func (r *torrentRow) open() bool { return r.CompletedAt.IsZero() && r.DeletedAt.IsZero() }

func fromTorrent(t *domain.Torrent) torrentRow {
	row := torrentRow{
		ID: t.ID, LocalNode: t.LocalNode, ServerID: t.ServerID,
		HashString: t.HashString, Name: t.Name, CompletedAt: orZero(t.CompletedAt),
		CreatedAt: t.CreatedAt.UTC(), UpdatedAt: t.UpdatedAt.UTC(), DeletedAt: orZero(t.DeletedAt),
		InfoHash: t.InfoHash().String(), AcceptedAt: orZero(t.AcceptedAt), MissingSince: orZero(t.MissingSince),
		problemColumns: fromProblem(t.Problem), MagnetURI: t.MagnetURI.String(),
	}
	if t.UserID != nil {
		row.UserID = *t.UserID
	}
	return row
}

func (r *torrentRow) toTorrent() *domain.Torrent {
	hash, _ := domain.ParseInfoHash(r.InfoHash) // one that is none names nothing
	t := &domain.Torrent{
		ID: r.ID, LocalNode: r.LocalNode, ServerID: r.ServerID, UserID: idOrNil(r.UserID),
		MagnetURI:  domain.StoredMagnet(r.MagnetURI, hash),
		HashString: r.HashString, Name: r.Name, CompletedAt: orNil(r.CompletedAt),
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), DeletedAt: orNil(r.DeletedAt),
		AcceptedAt: orNil(r.AcceptedAt), MissingSince: orNil(r.MissingSince), Problem: r.toProblem(),
	}
	return t
}

func idOrNil(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
