package database

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// ServerTorrents reads the lists of many servers at once.
type ServerTorrents struct{ db *DB }

var _ ports.ServerTorrents = (*ServerTorrents)(nil)

// serversAtOnce is how many lists are read by one statement; SQLite unites at most
// 500 SELECTs.
const serversAtOnce = 400

// FindOnServers returns the same page of each server's list.
func (s *ServerTorrents) FindOnServers(
	ctx context.Context, serverIDs []uuid.UUID, filter domain.TorrentFilter, page domain.TorrentPage,
) (map[uuid.UUID][]*domain.Torrent, error) {
	if filter.IDs != nil && len(filter.IDs) == 0 {
		return nil, ctx.Err()
	}
	found := make(map[uuid.UUID][]*domain.Torrent, len(serverIDs))
	for some := range slices.Chunk(serverIDs, serversAtOnce) {
		if err := s.find(ctx, some, filter, page, found); err != nil {
			return nil, translate(ctx, err)
		}
	}
	return found, ctx.Err()
}

// find unites the servers' pages, each of which enters the index at its place. A
// window function, ranking rows by server, would read every list to its end.
func (s *ServerTorrents) find(
	ctx context.Context, serverIDs []uuid.UUID, filter domain.TorrentFilter, page domain.TorrentPage,
	found map[uuid.UUID][]*domain.Torrent,
) error {
	pages := make([]string, 0, len(serverIDs))
	queries := make([]any, 0, len(serverIDs))
	for _, id := range serverIDs {
		if _, asked := found[id]; asked || filter.ServerID != nil && *filter.ServerID != id {
			continue
		}
		found[id] = nil
		ofServer := filter
		ofServer.ServerID = &id
		// In parentheses of their own, SQLite takes no pages.
		pages = append(pages, "SELECT * FROM (?) AS p")
		queries = append(queries, onPage(whereTorrent(selectTorrents(s.db.bun, (*torrentRow)(nil)), ofServer), page))
	}
	if len(pages) == 0 {
		return nil
	}
	var rows []torrentRow
	if err := s.db.bun.NewRaw(strings.Join(pages, " UNION ALL "), queries...).Scan(ctx, &rows); err != nil {
		return err
	}
	for i := range rows {
		torrent := rows[i].toTorrent()
		found[torrent.ServerID] = append(found[torrent.ServerID], torrent)
	}
	for _, torrents := range found {
		page.Order.Sort(torrents) // a union has no order
	}
	return nil
}
