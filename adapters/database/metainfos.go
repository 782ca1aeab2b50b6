package database

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/ports"
)

// insertedAtOnce is how many bytes of files go into one statement, unless one file has
// more: a statement is twice as long as what is in it.
const insertedAtOnce = 1 << 20

// Metainfos reads the .torrent files that torrents were made from.
type Metainfos struct{ db *DB }

var _ ports.MetainfoRepository = (*Metainfos)(nil)

type metainfoRow struct {
	bun.BaseModel `bun:"table:torrent_metainfos,alias:m"`

	TorrentID uuid.UUID `bun:"torrent_id,pk"`
	Content   []byte    `bun:"content"`
}

// Sizes returns how many bytes the files of torrents have.
func (s *Metainfos) Sizes(ctx context.Context, torrentIDs []uuid.UUID) (map[uuid.UUID]int64, error) {
	var rows []struct {
		TorrentID uuid.UUID
		Size      int64
	}
	if len(torrentIDs) == 0 {
		return nil, ctx.Err()
	}
	err := s.db.bun.NewSelect().Model((*metainfoRow)(nil)).ColumnExpr("torrent_id, length(content) AS size").
		Where("torrent_id IN (?)", bun.List(torrentIDs)).Scan(ctx, &rows)
	if err != nil {
		return nil, translate(ctx, err)
	}
	sizes := make(map[uuid.UUID]int64, len(rows))
	for _, row := range rows {
		sizes[row.TorrentID] = row.Size
	}
	return sizes, nil
}

// Contents returns the files themselves.
func (s *Metainfos) Contents(ctx context.Context, torrentIDs []uuid.UUID) (map[uuid.UUID][]byte, error) {
	if len(torrentIDs) == 0 {
		return nil, ctx.Err()
	}
	var rows []metainfoRow
	if err := s.db.bun.NewSelect().Model(&rows).Where("torrent_id IN (?)", bun.List(torrentIDs)).Scan(ctx); err != nil {
		return nil, translate(ctx, err)
	}
	contents := make(map[uuid.UUID][]byte, len(rows))
	for _, row := range rows {
		contents[row.TorrentID] = row.Content
	}
	return contents, nil
}

// metainfoChanges are the files that come and go with a change of torrents.
type metainfoChanges struct {
	added   []metainfoRow
	dropped []uuid.UUID
}

// save writes the changes. The torrents are locked, or new, so that nobody else
// changes the same.
func (c *metainfoChanges) save(ctx context.Context, tx bun.Tx) error {
	if len(c.dropped) > 0 {
		_, err := tx.NewDelete().Model((*metainfoRow)(nil)).Where("torrent_id IN (?)", bun.List(c.dropped)).Exec(ctx)
		if err != nil {
			return err
		}
	}
	for rest := c.added; len(rest) > 0; {
		n, bytes := 1, len(rest[0].Content)
		for n < len(rest) && bytes+len(rest[n].Content) <= insertedAtOnce {
			bytes += len(rest[n].Content)
			n++
		}
		some := rest[:n]
		if _, err := tx.NewInsert().Model(&some).Exec(ctx); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}
