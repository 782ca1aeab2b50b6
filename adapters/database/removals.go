package database

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Removals keeps the removals that torrents have recorded until a check has
// carried them out.
type Removals struct{ db *DB }

var _ ports.RemovalRepository = (*Removals)(nil)

type removalRow struct {
	bun.BaseModel `bun:"table:torrent_removals,alias:r"`

	ID         uuid.UUID `bun:"id,pk"`
	ServerID   uuid.UUID `bun:"server_id"`
	InfoHash   string    `bun:"info_hash"`
	DeleteData bool      `bun:"delete_data"`
	CreatedAt  time.Time `bun:"created_at"`
}

func fromRemoval(r domain.Removal) removalRow {
	return removalRow{
		ID: r.ID, ServerID: r.ServerID, InfoHash: r.InfoHash.String(),
		DeleteData: r.DeleteData, CreatedAt: r.CreatedAt.UTC(),
	}
}

func (r *removalRow) toRemoval() domain.Removal {
	hash, _ := domain.ParseInfoHash(r.InfoHash) // none: then there is nothing to remove
	return domain.Removal{
		ID: r.ID, ServerID: r.ServerID, InfoHash: hash, DeleteData: r.DeleteData, CreatedAt: r.CreatedAt.UTC(),
	}
}

// stillNeeded: a live torrent wants the transfer on this server, now or, unless it was
// to go once it had completed, for seeding.
const stillNeeded = `EXISTS (
	SELECT 1 FROM torrents AS t WHERE t.server_id = r.server_id AND t.info_hash = r.info_hash
	AND t.deleted_at IS NULL AND (t.completed_at IS NULL OR t.seeding OR coalesce(t.on_complete, s.on_complete) <> ?)) AS still_needed`

// Pending returns a server's removals, oldest first.
func (s *Removals) Pending(ctx context.Context, serverID uuid.UUID) ([]domain.PendingRemoval, error) {
	var rows []struct {
		removalRow  `bun:",extend"`
		StillNeeded bool `bun:"still_needed,scanonly"`
	}
	err := s.db.bun.NewSelect().Model(&rows).ColumnExpr("r.*").ColumnExpr(stillNeeded, domain.OnCompleteRemove).
		Join("JOIN torrent_servers AS s ON s.id = r.server_id").
		Where("r.server_id = ?", serverID).OrderExpr("r.created_at, r.id").Scan(ctx)
	if err != nil {
		return nil, translate(ctx, err)
	}
	removals := make([]domain.PendingRemoval, 0, len(rows))
	for i := range rows {
		removals = append(removals, domain.PendingRemoval{Removal: rows[i].toRemoval(), StillNeeded: rows[i].StillNeeded})
	}
	return removals, nil
}

// Finish forgets removals.
func (s *Removals) Finish(ctx context.Context, ids []uuid.UUID) error {
	if len(ids) == 0 {
		return ctx.Err()
	}
	return s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		return deleteRemovals(ctx, tx, tx.NewSelect().Where("id IN (?)", bun.List(ids)))
	})
}

// deleteRemovals deletes what a query selects. The rows are locked in the order
// of their ids first, so that two deletions never wait for each other.
func deleteRemovals(ctx context.Context, tx bun.Tx, which *bun.SelectQuery) error {
	which = lockRows(tx, which.Model((*removalRow)(nil)).Column("id").Order("id"), forUpdate)
	_, err := tx.NewDelete().Model((*removalRow)(nil)).Where("id IN (?)", which).Exec(ctx)
	return err
}
