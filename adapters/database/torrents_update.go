package database

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
)

// Update loads, locks and lets change alter torrents, and saves what was altered:
// the rows in one statement, and none at all when nothing was.
func (s *Torrents) Update(
	ctx context.Context, ids []uuid.UUID, lease *domain.Lease, change func(*domain.Torrent) error,
) ([]*domain.Torrent, error) {
	if len(ids) == 0 && lease == nil {
		return nil, ctx.Err()
	}
	var torrents []*domain.Torrent
	var recorded records
	err := s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if lease != nil {
			if err := s.db.requireLease(ctx, tx, lease); err != nil {
				return err
			}
		}
		rows, err := loadTorrents(ctx, tx, ids)
		if err != nil {
			return err
		}
		var altered alteredTorrents
		for i := range rows {
			t := rows[i].toTorrent()
			before := fromTorrent(t)
			if err := change(t); err != nil {
				return err
			}
			altered.compare(before, fromTorrent(t))
			recorded.take(t)
			torrents = append(torrents, t)
		}
		if err := altered.save(ctx, tx); err != nil {
			return err
		}
		return recorded.save(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	recorded.announce(s.db)
	return torrents, nil
}

// loadTorrents locks rows in the order of their ids, so that two updates never
// wait for each other.
func loadTorrents(ctx context.Context, tx bun.Tx, ids []uuid.UUID) ([]torrentRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows := make([]torrentRow, 0, len(ids))
	query := selectTorrents(tx, &rows).Where("id IN (?)", bun.List(ids)).Order("id")
	// Not the strongest lock: nothing refers to torrents.
	return rows, lockRows(tx, query, noKeyUpdate).Scan(ctx)
}

// alteredTorrents collects what an update has to write.
type alteredTorrents struct {
	rows []torrentRow
	// groups are those of torrentColumns that some row needs.
	groups [len(torrentColumns)]bool
	// servers are those that an altered torrent was newly put on or reopened on.
	servers []uuid.UUID
}

// compare notes a row if it was altered.
func (a *alteredTorrents) compare(before, after torrentRow) {
	if before == after {
		return
	}
	if after.open() && (!before.open() || after.ServerID != before.ServerID) {
		a.servers = append(a.servers, after.ServerID)
	}
	for i, group := range torrentColumns {
		a.groups[i] = a.groups[i] || group.changed(&before, &after)
	}
	a.rows = append(a.rows, after.folded())
}

// save writes all rows in one statement.
func (a *alteredTorrents) save(ctx context.Context, tx bun.Tx) error {
	if len(a.rows) == 0 {
		return nil
	}
	if len(a.servers) > 0 {
		// A server is removed only when it holds no open torrent, and must not get
		// one at the same moment.
		if err := requireLiveServers(ctx, tx, a.servers); err != nil {
			return err
		}
	}
	var columns []string
	for i, group := range torrentColumns {
		if a.groups[i] {
			columns = append(columns, group.columns...)
		}
	}
	update := tx.NewUpdate().With("altered", tx.NewValues(&a.rows).Column(append(columns, "id")...)).
		Model((*torrentRow)(nil)).TableExpr("altered").Where("t.id = altered.id")
	for _, column := range columns {
		update.Set("? = altered.?", bun.Ident(column), bun.Ident(column))
	}
	_, err := update.Exec(ctx)
	return err
}
