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
	wishColumns
	Unapplied int    `bun:"unapplied"`
	Seeding   bool   `bun:"seeding"`
	MagnetURI string `bun:"magnetURI"`

	// Begun may lag behind AcceptedAt: versions without it leave it as it is.
	Begun bool `bun:"begun"`

	// NameFolded is what lists are searched and ordered by: written, never read.
	NameFolded string `bun:"name_folded"`
}

// selectTorrents reads into rows all that a torrent is made of.
func selectTorrents(db bun.IDB, rows any) *bun.SelectQuery {
	return db.NewSelect().Model(rows).ExcludeColumn("name_folded")
}

// folded is the row as it is written.
func (r torrentRow) folded() torrentRow {
	r.NameFolded = domain.Fold(r.Name)
	return r
}

// columnGroup is columns that an update writes only where one of them changes:
// none that an index depends on is written for nothing, and no long magnet.
type columnGroup struct {
	columns []string
	changed func(before, after *torrentRow) bool
}

var torrentColumns = [...]columnGroup{
	{
		[]string{"hash_string", "updated_at", "missing_since"},
		func(_, _ *torrentRow) bool { return true },
	},
	{
		[]string{"name", "name_folded"},
		func(before, after *torrentRow) bool { return before.Name != after.Name },
	},
	{
		[]string{"completed_at"},
		func(before, after *torrentRow) bool { return before.CompletedAt != after.CompletedAt },
	},
	{
		[]string{"accepted_at", "begun"},
		func(before, after *torrentRow) bool {
			return before.AcceptedAt != after.AcceptedAt || before.Begun != after.Begun
		},
	},
	{
		[]string{"deleted_at"},
		func(before, after *torrentRow) bool { return before.DeletedAt != after.DeletedAt },
	},
	{
		[]string{"problem_code", "problem_message", "problem_since", "problem_attempts", "retry_at"},
		func(before, after *torrentRow) bool { return before.problemColumns != after.problemColumns },
	},
	{
		[]string{"unapplied", "seeding"},
		func(before, after *torrentRow) bool {
			return before.Unapplied != after.Unapplied || before.Seeding != after.Seeding
		},
	},
	{
		wishColumnNames,
		func(before, after *torrentRow) bool { return before.wishColumns != after.wishColumns },
	},
	{
		[]string{"local_node", "server_id", "user_id", "created_at", "info_hash", "magnetURI"},
		func(before, after *torrentRow) bool { return before.wish() != after.wish() },
	},
}

// torrentWish is what a user decides about a torrent.
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
		problemColumns: fromProblem(t.Problem), wishColumns: fromWishes(t),
		Unapplied: int(t.Unapplied), Seeding: t.Seeding, MagnetURI: t.MagnetURI.String(),
		Begun: t.Begun,
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
		Begun:     r.Begun || !r.AcceptedAt.IsZero(),
		Unapplied: domain.Settings(r.Unapplied), Seeding: r.Seeding,
	}
	r.toWishes(t)
	return t
}

func idOrNil(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
