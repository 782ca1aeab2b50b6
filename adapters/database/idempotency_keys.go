package database

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// IdempotencyKeys tells what was added under which key.
type IdempotencyKeys struct{ db *DB }

var _ ports.IdempotencyKeys = (*IdempotencyKeys)(nil)

type keyRow struct {
	bun.BaseModel `bun:"table:idempotency_keys,alias:k"`

	UserID     uuid.UUID   `bun:"user_id,pk"` // the zero id is nobody's
	Text       string      `bun:"idempotency_key,pk"`
	TorrentID  uuid.UUID   `bun:"torrent_id"`
	ServerID   uuid.UUID   `bun:"server_id"`
	MagnetHash string      `bun:"magnet_hash"`
	Torrent    *torrentRow `bun:"rel:belongs-to,join:torrent_id=id"`
}

func fromKey(key domain.IdempotencyKey) keyRow {
	return keyRow{
		UserID: key.UserID, Text: key.Text, TorrentID: key.TorrentID,
		ServerID: key.ServerID, MagnetHash: key.MagnetHash,
	}
}

func (r *keyRow) toKeyedTorrent() domain.KeyedTorrent {
	return domain.KeyedTorrent{
		IdempotencyKey: domain.IdempotencyKey{
			UserID: r.UserID, Text: r.Text, TorrentID: r.TorrentID,
			ServerID: r.ServerID, MagnetHash: r.MagnetHash,
		},
		Torrent: r.Torrent.toTorrent(),
	}
}

// Torrents returns the torrents that were added under a user's keys.
func (s *IdempotencyKeys) Torrents(ctx context.Context, userID uuid.UUID, keys []string) (map[string]domain.KeyedTorrent, error) {
	found := make(map[string]domain.KeyedTorrent, len(keys))
	if len(keys) == 0 {
		return found, ctx.Err()
	}
	var rows []keyRow
	err := s.db.bun.NewSelect().Model(&rows).Relation("Torrent").
		Where("k.user_id = ?", userID).Where("k.idempotency_key IN (?)", bun.List(keys)).Scan(ctx)
	if err != nil {
		return nil, translate(ctx, err)
	}
	for i := range rows {
		found[rows[i].Text] = rows[i].toKeyedTorrent()
	}
	return found, nil
}

// saveKeys saves keys in the order of their texts, so that two transactions never
// wait for each other: who is second with a key waits for the first to end.
func saveKeys(ctx context.Context, tx bun.Tx, keys []keyRow) error {
	if len(keys) == 0 {
		return nil
	}
	slices.SortFunc(keys, func(a, b keyRow) int { return strings.Compare(a.Text, b.Text) })
	_, err := tx.NewInsert().Model(&keys).Exec(ctx)
	if isUnique(err) {
		return domain.KeyTaken()
	}
	return err
}
