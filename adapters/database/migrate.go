package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"
	"time"

	"github.com/uptrace/bun/migrate"

	"github.com/clarion-app/download-manager/migrations"
)

// Migration is one step of the schema.
type Migration struct {
	// Name is its number and what it makes, as its file is called.
	Name string
	// AppliedAt is when it was applied; nil if it was not.
	AppliedAt *time.Time
}

// MigrateUp applies the steps that are missing. Any number of processes may do
// so at once: one works, the others wait for it.
func (db *DB) MigrateUp(ctx context.Context) error {
	return db.migrate(ctx, func(m *migrate.Migrator) error {
		if _, err := m.Migrate(ctx); err != nil {
			return err
		}
		return db.foldNames(ctx)
	})
}

// MigrateDown takes back the steps that were last applied together.
func (db *DB) MigrateDown(ctx context.Context) error {
	return db.migrate(ctx, func(m *migrate.Migrator) error {
		_, err := m.Rollback(ctx)
		return err
	})
}

// MigrationStatus lists all steps in order.
func (db *DB) MigrationStatus(ctx context.Context) ([]Migration, error) {
	var list []Migration
	err := db.migrate(ctx, func(m *migrate.Migrator) error {
		steps, err := m.MigrationsWithStatus(ctx)
		for _, step := range steps {
			list = append(list, Migration{Name: step.String(), AppliedAt: orNil(step.MigratedAt)})
		}
		return err
	})
	return list, err
}

func (db *DB) migrate(ctx context.Context, do func(*migrate.Migrator) error) error {
	steps, files := migrate.NewMigrations(), migrations.Postgres()
	if isSQLite(db.bun) {
		files = migrations.SQLite()
	}
	if err := steps.Discover(files); err != nil {
		return err
	}
	// By default a step counts as applied before it is, for ever if it fails.
	migrator := migrate.NewMigrator(db.bun, steps, migrate.WithMarkAppliedOnSuccess(true))
	unlock, err := db.lockMigrations(ctx)
	if err != nil {
		return translate(ctx, err)
	}
	if err := migrator.Init(ctx); err != nil {
		return translate(ctx, errors.Join(err, unlock()))
	}
	return translate(ctx, errors.Join(do(migrator), unlock()))
}

// lockMigrations keeps other processes from migrating. Bun's own lock is a row
// that a crash leaves behind; this one ends with its connection.
func (db *DB) lockMigrations(ctx context.Context) (unlock func() error, err error) {
	if isSQLite(db.bun) {
		return lockFile(ctx, db.path+".migrating")
	}
	conn, err := db.bun.DB.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrationLockKey); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() error {
		// Closed in earnest: back in the pool, a locked session would stay locked.
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		return nil
	}, nil
}

// lockFile waits for an exclusive lock on a file: SQLite's own, which work between
// processes on every system. The file is an empty database beside the real one,
// whose locks the migrations themselves need; it stays, since removing it would
// let two processes lock two files of one name.
func lockFile(ctx context.Context, path string) (unlock func() error, err error) {
	pool, err := sql.Open("sqlite", sqliteURI(path, url.Values{
		"_pragma": {"busy_timeout(1000)"}, "_txlock": {"exclusive"},
	}))
	if err != nil {
		return nil, err
	}
	for {
		tx, err := pool.BeginTx(context.WithoutCancel(ctx), nil)
		if err == nil {
			return func() error { return errors.Join(tx.Rollback(), pool.Close()) }, nil
		}
		if ctx.Err() != nil || !isUnavailable(err) {
			return nil, errors.Join(ctx.Err(), err, pool.Close())
		}
	}
}
