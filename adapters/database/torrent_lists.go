package database

import (
	"strings"

	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
)

// listColumn is the column that an order begins with, before created_at and id;
// "" when those are all.
var listColumn = map[domain.TorrentOrderBy]string{
	domain.OrderByCompleted: "completed_order",
	domain.OrderByName:      "name_folded",
	domain.OrderByStatus:    "status_order",
}

// never is behind all times in completed_order, on either database.
const never = "infinity"

// onPage narrows and orders query to a page; from the end of it, the rows come
// the other way round.
func onPage(query *bun.SelectQuery, page domain.TorrentPage) *bun.SelectQuery {
	column := listColumn[page.Order.By]
	behind, before := ">", "<"
	if !page.Order.Ascending {
		behind, before = before, behind
	}
	// Row values, so that the index is entered at the place itself.
	if page.After != nil {
		whereBeside(query, column, behind, page.After, page.Order.By)
	}
	if page.Before != nil {
		whereBeside(query, column, before, page.Before, page.Order.By)
	}
	direction := " DESC"
	if page.Order.Ascending != page.FromEnd {
		direction = " ASC"
	}
	if column != "" {
		query.OrderExpr("t." + column + direction)
	}
	query.OrderExpr("t.created_at" + direction + ", t.id" + direction)
	if page.Limit > 0 {
		query.Limit(int64(page.Limit))
	}
	return query
}

func whereBeside(query *bun.SelectQuery, column, side string, place *domain.TorrentPlace, by domain.TorrentOrderBy) {
	if column == "" {
		query.Where("(t.created_at, t.id) "+side+" (?, ?)", place.CreatedAt, place.ID)
		return
	}
	query.Where("(t."+column+", t.created_at, t.id) "+side+" (?, ?, ?)", listValue(place, by), place.CreatedAt, place.ID)
}

// listValue is what a place has in listColumn.
func listValue(place *domain.TorrentPlace, by domain.TorrentOrderBy) any {
	switch by {
	case domain.OrderByName:
		return place.NameFolded
	case domain.OrderByStatus:
		return place.Status.Rank()
	case domain.OrderByCompleted:
		if place.CompletedAt != nil {
			return *place.CompletedAt
		}
	case domain.OrderByCreated, "":
	}
	return never
}

// whereTorrent narrows query to what filter leaves in the list.
func whereTorrent(query *bun.SelectQuery, filter domain.TorrentFilter) *bun.SelectQuery {
	query.Where("t.deleted_at IS NULL")
	if filter.IDs != nil {
		query.Where("t.id IN (?)", bun.List(filter.IDs))
	}
	if filter.UserID != nil {
		query.Where("t.user_id = ?", *filter.UserID)
	}
	if filter.ServerID != nil {
		query.Where("t.server_id = ?", *filter.ServerID)
	}
	if filter.ClientType != "" {
		// For each torrent on the way: there are few servers, and the list's order
		// must not be given up for theirs.
		query.Where("EXISTS (SELECT 1 FROM torrent_servers AS s WHERE s.id = t.server_id AND s.type = ?)", string(filter.ClientType))
	}
	if filter.Status != "" {
		query.Where("t.status_order = ?", filter.Status.Rank())
	}
	switch {
	case filter.HasProblem == nil:
	case *filter.HasProblem:
		query.Where("t.problem_code IS NOT NULL")
	default:
		query.Where("t.problem_code IS NULL")
	}
	switch {
	case filter.Label == nil:
	case *filter.Label == "":
		query.Where("t.label IS NULL")
	default:
		query.Where("t.label = ?", *filter.Label)
	}
	switch {
	case filter.Paused == nil:
	case *filter.Paused:
		query.Where("t.paused")
	default:
		query.Where("NOT t.paused")
	}
	if filter.NameContains != "" {
		query.Where("t.name_folded LIKE ? ESCAPE '!'", "%"+escapeLike.Replace(domain.Fold(filter.NameContains))+"%")
	}
	if !filter.InfoHash.IsZero() {
		query.Where("t.info_hash = ?", filter.InfoHash.String())
	}
	whereTime(query, "t.created_at", filter.Created)
	whereTime(query, "t.completed_order", filter.Completed)
	if !filter.Completed.IsZero() {
		query.Where("t.completed_at IS NOT NULL")
	}
	return query
}

// escapeLike makes text stand for itself in a pattern.
var escapeLike = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func whereTime(query *bun.SelectQuery, column string, within domain.TimeRange) {
	if within.From != nil {
		query.Where(column+" >= ?", within.From.UTC())
	}
	if within.Before != nil {
		query.Where(column+" < ?", within.Before.UTC())
	}
}
