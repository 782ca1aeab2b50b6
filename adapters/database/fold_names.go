package database

import (
	"context"

	"github.com/uptrace/bun"
)

// foldedAtOnce bounds a statement of foldNames.
const foldedAtOnce = 1000

// foldNames fills in name_folded where a migration, or a process that does not know
// the column yet, has left it empty: only Go folds all of Unicode. Where there is
// nothing to do it asks one question of an index.
func (db *DB) foldNames(ctx context.Context) error {
	for {
		var rows []torrentRow
		query := db.bun.NewSelect().Model(&rows).Column("id", "name").Where("deleted_at IS NULL").
			Where("name_folded = ''").Where("name <> ''").Limit(foldedAtOnce)
		if err := query.Scan(ctx); err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			rows[i] = rows[i].folded()
		}
		err := db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
			// A name that was changed meanwhile was folded, too.
			_, err := tx.NewUpdate().With("altered", tx.NewValues(&rows).Column("id", "name_folded")).
				Model((*torrentRow)(nil)).TableExpr("altered").Set("name_folded = altered.name_folded").
				Where("t.id = altered.id").Where("t.name_folded = ''").Exec(ctx)
			return err
		})
		if err != nil {
			return err
		}
	}
}
