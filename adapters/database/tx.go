package database

import (
	"context"

	"github.com/uptrace/bun"
)

// write runs change in a transaction. Nothing in it may use the pool, which
// would wait for the transaction itself, or the network.
func (db *DB) write(ctx context.Context, change func(ctx context.Context, tx bun.Tx) error) error {
	if db.writing != nil {
		select {
		case db.writing <- struct{}{}:
			defer func() { <-db.writing }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return translate(ctx, db.bun.RunInTx(ctx, nil, change))
}
