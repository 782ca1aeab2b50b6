// Package migrations holds the database schema as numbered steps, one folder
// per database.
package migrations

import (
	"embed"
	"io/fs"
)

//go:embed postgres/*.sql
var postgres embed.FS

//go:embed sqlite/*.sql
var sqlite embed.FS

// Postgres returns the steps for PostgreSQL, NNNN_name.tx.up.sql and
// NNNN_name.tx.down.sql, each file one transaction.
func Postgres() fs.FS { return sub(postgres, "postgres") }

// SQLite returns the same steps for SQLite.
func SQLite() fs.FS { return sub(sqlite, "sqlite") }

// sub cannot fail: the folder's name is a valid path.
func sub(files embed.FS, folder string) fs.FS {
	inside, err := fs.Sub(files, folder)
	if err != nil {
		panic(err)
	}
	return inside
}
