package database

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The databases differ in this file and in how they are opened and locked for
// migrations, and nowhere else.

// rowLock is a strength of lock on rows.
//
// Adding a torrent holds its server with keyShare and removing a server takes
// forUpdate, so that the two exclude each other. A check's write-back holds the
// server with share, which claiming and changing the server (noKeyUpdate, as any
// UPDATE) wait for. Adding and claiming do not hinder each other.
type rowLock string

const (
	keyShare    rowLock = "KEY SHARE"
	share       rowLock = "SHARE"
	noKeyUpdate rowLock = "NO KEY UPDATE"
	forUpdate   rowLock = "UPDATE"
	// skipLocked passes over rows that somebody else has locked.
	skipLocked rowLock = "NO KEY UPDATE SKIP LOCKED"
)

func isSQLite(db bun.IDB) bool { return db.Dialect().Name() == dialect.SQLite }

// lockRows locks what query selects until the transaction ends. SQLite needs
// none: a transaction that may write has locked everything.
func lockRows(db bun.IDB, query *bun.SelectQuery, lock rowLock) *bun.SelectQuery {
	if isSQLite(db) {
		return query
	}
	return query.For(string(lock))
}

// Keys of the advisory locks that this product takes.
const (
	migrationLockKey = 0x646d_0001
	eventLockKey     = 0x646d_0002
	// of two keys: the second is the user's
	consumersLockKey = 0x646d_0003
)

// lockConsumersOf keeps others from making consumers for a user until the
// transaction ends: there is no row yet that could be locked.
func lockConsumersOf(ctx context.Context, tx bun.Tx, userID uuid.UUID) error {
	if isSQLite(tx) {
		return nil
	}
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?, hashtext(?))", consumersLockKey, userID.String())
	return err
}

// lockEventLog makes the rest of the transaction the only one that appends, so
// that events are committed in the order of their cursors and no reader's
// cursor passes one that is not there yet. It is a statement of its own, since
// the cursor must be drawn later than the lock is had, and the last before the
// append, since all appends of all processes wait for it.
func lockEventLog(ctx context.Context, tx bun.Tx) error {
	if isSQLite(tx) {
		return nil
	}
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", eventLockKey)
	return err
}

// PostgreSQL's error codes that mean something to us.
const (
	pgUniqueViolation = "23505"
	pgTextTooLong     = "22001"
	pgQueryCanceled   = "57014"
)

// isUnique reports whether err says that a key is taken.
func isUnique(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == pgUniqueViolation
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// wasCanceled reports whether err says that the statement was called off.
// SQLite's driver says so in the context's own words.
func wasCanceled(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == pgQueryCanceled
}

// isTextTooLong reports whether a column is too short for a value.
func isTextTooLong(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == pgTextTooLong
}

// isUnavailable reports whether err lies with the database's own state, so that
// the same may work later.
func isUnavailable(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code[:2] {
		case "08", "53", "57": // connection, resources, operator intervention
			return true
		}
		return false
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR:
			return true
		}
	}
	return false
}
