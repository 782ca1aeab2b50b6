package database

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/ports"
)

// ServerLoads tells how busy servers are.
type ServerLoads struct{ db *DB }

var _ ports.ServerLoads = (*ServerLoads)(nil)

// OpenTorrents counts the open torrents of servers; those without any are
// absent.
func (s *ServerLoads) OpenTorrents(ctx context.Context, serverIDs []uuid.UUID) (map[uuid.UUID]int, error) {
	if len(serverIDs) == 0 {
		return nil, ctx.Err()
	}
	var rows []struct {
		ServerID uuid.UUID `bun:"server_id"`
		Open     int       `bun:"open"`
	}
	err := s.db.bun.NewSelect().Model((*torrentRow)(nil)).ColumnExpr("server_id, count(*) AS open").
		Where("server_id IN (?)", bun.List(serverIDs)).
		Where("completed_at IS NULL").Where("deleted_at IS NULL").
		GroupExpr("server_id").Scan(ctx, &rows)
	if err != nil {
		return nil, translate(ctx, err)
	}
	loads := make(map[uuid.UUID]int, len(rows))
	for _, row := range rows {
		loads[row.ServerID] = row.Open
	}
	return loads, nil
}
