package database

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Torrents keeps torrents, and with each change the events and removals that it
// has recorded, the key that it has claimed, and the .torrent file that it carries.
type Torrents struct{ db *DB }

var _ ports.TorrentRepository = (*Torrents)(nil)

// Add saves new torrents, all or none.
func (s *Torrents) Add(ctx context.Context, torrents ...*domain.Torrent) error {
	if len(torrents) == 0 {
		return nil
	}
	rows := make([]torrentRow, 0, len(torrents))
	servers := make([]uuid.UUID, 0, 1)
	var recorded records
	for _, t := range torrents {
		rows = append(rows, fromTorrent(t).folded())
		servers = append(servers, t.ServerID)
		// From a copy: should the transaction fail, the torrent still has them.
		unsaved := *t
		recorded.take(&unsaved)
	}
	err := s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := requireLiveServers(ctx, tx, servers); err != nil {
			return err
		}
		if err := saveKeys(ctx, tx, recorded.keys); err != nil {
			return err
		}
		// Bun would read back what is NULL of each row, which is known.
		_, err := tx.NewInsert().Model(&rows).Returning("NULL").Exec(ctx)
		if isUnique(err) {
			return domain.Conflict("a torrent with this id exists already")
		}
		if err != nil {
			return err
		}
		return recorded.save(ctx, tx)
	})
	if err != nil {
		return err
	}
	for _, t := range torrents {
		t.TakeEvents()
		t.TakeRemovals()
		t.TakeKey()
		t.TakeMetainfo()
	}
	recorded.announce(s.db)
	return nil
}

// requireLiveServers holds servers against being removed until the transaction
// ends; KindInvalid unless all are live.
func requireLiveServers(ctx context.Context, tx bun.Tx, ids []uuid.UUID) error {
	var live []uuid.UUID
	query := tx.NewSelect().Model((*serverRow)(nil)).Column("id").
		Where("id IN (?)", bun.List(ids)).Where("deleted_at IS NULL").Order("id")
	if err := lockRows(tx, query, keyShare).Scan(ctx, &live); err != nil {
		return err
	}
	found := make(map[uuid.UUID]bool, len(live))
	for _, id := range live {
		found[id] = true
	}
	for _, id := range ids {
		if !found[id] {
			return domain.Invalid("serverId", "there is no server %s", id)
		}
	}
	return nil
}

// Get returns a live torrent.
func (s *Torrents) Get(ctx context.Context, id uuid.UUID) (*domain.Torrent, error) {
	var row torrentRow
	err := selectTorrents(s.db.bun, &row).Where("id = ?", id).Where("deleted_at IS NULL").Scan(ctx)
	if err != nil {
		return nil, orNotFound(ctx, err, "there is no torrent %s", id)
	}
	return row.toTorrent(), nil
}

// Find returns a page of a list of live torrents.
func (s *Torrents) Find(ctx context.Context, filter domain.TorrentFilter, page domain.TorrentPage) ([]*domain.Torrent, error) {
	if filter.IDs != nil && len(filter.IDs) == 0 {
		return nil, ctx.Err()
	}
	rows := make([]torrentRow, 0, page.Limit)
	if err := onPage(whereTorrent(selectTorrents(s.db.bun, &rows), filter), page).Scan(ctx); err != nil {
		return nil, translate(ctx, err)
	}
	torrents := make([]*domain.Torrent, len(rows))
	for i := range rows {
		torrents[i] = rows[i].toTorrent()
	}
	if page.FromEnd {
		slices.Reverse(torrents)
	}
	return torrents, nil
}
