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
	var rows []countRow
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

// countRow is how many torrents have something in common: what the columns that are
// not NULL say, or of the last part of countBy, their user.
type countRow struct {
	Status   *int      `bun:"status_order"`
	ServerID uuid.UUID `bun:"server_id"`
	UserID   uuid.UUID `bun:"user_id"`
	Many     int       `bun:"many"`
}

// countBy groups three times, since groups of all three together would have to be
// sorted: each part is read off an index that is in the order of its groups.
const countBy = `
SELECT status_order, CAST(NULL AS uuid) AS server_id, CAST(NULL AS uuid) AS user_id, many FROM (?) AS a
UNION ALL SELECT NULL, server_id, NULL, many FROM (?) AS b
UNION ALL SELECT NULL, NULL, user_id, many FROM (?) AS c`

// CountBy counts a list's torrents by status, server and user.
func (s *TorrentCounts) CountBy(ctx context.Context, filter domain.TorrentFilter) (domain.TorrentCounts, error) {
	if filter.IDs != nil && len(filter.IDs) == 0 {
		return domain.NewTorrentCounts(nil, nil, nil), ctx.Err()
	}
	query, from := countBy, func() *bun.SelectQuery { return s.countable(filter) }
	var arguments []any
	if !byIndexOnly(filter) {
		// Rows must be looked at, which is done once.
		query = "WITH matching AS MATERIALIZED (?)" + countBy
		arguments = append(arguments, s.countable(filter).Column("status_order", "server_id", "user_id"))
		from = func() *bun.SelectQuery { return s.db.bun.NewSelect().TableExpr("matching AS t") }
	}
	for _, column := range []string{"status_order", "server_id", "user_id"} {
		arguments = append(arguments, from().ColumnExpr("t."+column+", count(*) AS many").GroupExpr("t."+column))
	}
	var rows []countRow
	err := s.db.bun.NewRaw(query, arguments...).Scan(ctx, &rows)
	if err != nil {
		return domain.TorrentCounts{}, translate(ctx, err)
	}
	statuses, servers, users := map[domain.Status]int{}, map[uuid.UUID]int{}, map[uuid.UUID]int{}
	for _, row := range rows {
		switch {
		case row.Status != nil:
			statuses[domain.Statuses()[*row.Status]] = row.Many
		case row.ServerID != uuid.Nil:
			servers[row.ServerID] = row.Many
		default:
			users[row.UserID] = row.Many
		}
	}
	return domain.NewTorrentCounts(statuses, servers, users), nil
}

// byIndexOnly reports whether indexes have all that the filter asks for.
func byIndexOnly(filter domain.TorrentFilter) bool {
	return filter.IDs == nil && filter.ClientType == "" && filter.HasProblem == nil && filter.Label == nil && filter.Paused == nil && filter.NameContains == "" &&
		filter.InfoHash.IsZero() && filter.Created.IsZero() && filter.Completed.IsZero()
}

func (s *TorrentCounts) countable(filter domain.TorrentFilter) *bun.SelectQuery {
	return whereTorrent(s.db.bun.NewSelect().Model((*torrentRow)(nil)), filter)
}
