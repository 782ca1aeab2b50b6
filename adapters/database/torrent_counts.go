package database

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// TorrentCounts tells how long lists of torrents are.
type TorrentCounts struct{ db *DB }

var _ ports.TorrentCounts = (*TorrentCounts)(nil)

// Count is how many torrents a list holds.
func (s *TorrentCounts) Count(ctx context.Context, filter domain.TorrentFilter) (int, error) {
	if filter.IDs != nil && len(filter.IDs) == 0 {
		return 0, ctx.Err()
	}
	var count int
	err := s.countable(filter).ColumnExpr("count(*)").Scan(ctx, &count)
	return count, translate(ctx, err)
}

// CountOnServers is how many torrents the list of each server holds.
func (s *TorrentCounts) CountOnServers(
	ctx context.Context, serverIDs []uuid.UUID, filter domain.TorrentFilter,
) (map[uuid.UUID]int, error) {
	if len(serverIDs) == 0 || filter.IDs != nil && len(filter.IDs) == 0 {
		return nil, ctx.Err()
	}
	var rows []groupRow
	err := s.countable(filter).ColumnExpr("t.server_id, count(*) AS many").
		Where("t.server_id IN (?)", bun.List(serverIDs)).GroupExpr("t.server_id").Scan(ctx, &rows)
	if err != nil {
		return nil, translate(ctx, err)
	}
	counts := make(map[uuid.UUID]int, len(rows))
	for _, row := range rows {
		counts[row.ServerID] = row.Many
	}
	return counts, nil
}

// groupRow is how many torrents are alike.
type groupRow struct {
	Status   int       `bun:"status_order"`
	ServerID uuid.UUID `bun:"server_id"`
	UserID   uuid.UUID `bun:"user_id"`
	Many     int       `bun:"many"`
}

// Groups counts a list's torrents by status, server and user.
func (s *TorrentCounts) Groups(ctx context.Context, filter domain.TorrentFilter) ([]domain.TorrentGroup, error) {
	if filter.IDs != nil && len(filter.IDs) == 0 {
		return nil, ctx.Err()
	}
	var rows []groupRow
	const alike = "t.status_order, t.server_id, t.user_id"
	err := s.countable(filter).ColumnExpr(alike+", count(*) AS many").GroupExpr(alike).Scan(ctx, &rows)
	if err != nil {
		return nil, translate(ctx, err)
	}
	groups := make([]domain.TorrentGroup, 0, len(rows))
	for _, row := range rows {
		groups = append(groups, domain.TorrentGroup{
			Status: domain.Statuses()[row.Status], ServerID: row.ServerID, UserID: idOrNil(row.UserID), Count: row.Many,
		})
	}
	return groups, nil
}

func (s *TorrentCounts) countable(filter domain.TorrentFilter) *bun.SelectQuery {
	return whereTorrent(s.db.bun.NewSelect().Model((*torrentRow)(nil)), filter)
}
