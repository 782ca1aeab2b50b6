// Package database keeps everything in PostgreSQL or SQLite, through one
// implementation of the repositories for both.
package database

import (
	"context"
	"log/slog"
	"time"

	"github.com/uptrace/bun"
)

// Options are what a DB needs besides its address.
type Options struct {
	// SecretKey encrypts the credentials of servers where they rest. With another
	// key they cannot be read again.
	SecretKey [32]byte
	// OnAppend is called after each commit that has appended events or has changed
	// how servers are to people; it must not block. May be nil.
	OnAppend func()
	// Logger gets what goes wrong without being anybody's error, such as
	// credentials that the key does not open. Nil discards.
	Logger *slog.Logger
	// Now tells whether a lease has run out; nil is time.Now.
	Now func() time.Time
	// Observe is called after each statement, BEGIN and COMMIT included, with its
	// operation ("SELECT") and a query with no values in it. May be nil.
	Observe func(operation, query string)
}

// DB is an open database and the repositories on it. It is safe for concurrent
// use.
type DB struct {
	bun      *bun.DB
	secrets  secrets
	onAppend func()
	log      *slog.Logger
	now      func() time.Time
	// writing holds SQLite's one writer: waiting here is fair and obeys the
	// context, unlike SQLite's own polling. Nil on Postgres.
	writing chan struct{}
	// path is SQLite's file, "" on Postgres.
	path string
}

// Open connects to the database that dsn names: a URL postgres://… or
// postgresql://…, or a SQLite file as sqlite:PATH, file:PATH or a bare path,
// which is made, with its folder, if it is not there. Tables are MigrateUp's
// business.
func Open(ctx context.Context, dsn string, opts Options) (*DB, error) {
	db := &DB{onAppend: opts.OnAppend, log: opts.Logger, now: opts.Now}
	if db.onAppend == nil {
		db.onAppend = func() {}
	}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	if db.now == nil {
		db.now = time.Now
	}
	var err error
	if db.secrets, err = newSecrets(opts.SecretKey); err != nil {
		return nil, err
	}
	if isPostgres(dsn) {
		db.bun, err = openPostgres(dsn)
	} else {
		db.writing = make(chan struct{}, 1)
		db.bun, db.path, err = openSQLite(dsn)
	}
	if err != nil {
		return nil, err
	}
	if opts.Observe != nil {
		db.bun = db.bun.WithQueryHook(observer{observe: opts.Observe})
	}
	if err := db.Ping(ctx); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	return translate(ctx, db.bun.PingContext(ctx))
}

// Close ends all connections. It may be called twice.
func (db *DB) Close() error { return db.bun.DB.Close() }

// Torrents keeps torrents.
func (db *DB) Torrents() *Torrents { return &Torrents{db} }

// TorrentCounts tells how long lists of torrents are.
func (db *DB) TorrentCounts() *TorrentCounts { return &TorrentCounts{db} }

// ServerTorrents reads the lists of many servers at once.
func (db *DB) ServerTorrents() *ServerTorrents { return &ServerTorrents{db} }

// IdempotencyKeys tells what was added under which key.
func (db *DB) IdempotencyKeys() *IdempotencyKeys { return &IdempotencyKeys{db} }

// Metainfos reads the .torrent files that torrents were made from.
func (db *DB) Metainfos() *Metainfos { return &Metainfos{db} }

// Removals keeps the removals that checks have yet to carry out.
func (db *DB) Removals() *Removals { return &Removals{db} }

// Servers keeps servers.
func (db *DB) Servers() *Servers { return &Servers{db} }

// ServerLoads tells how busy servers are.
func (db *DB) ServerLoads() *ServerLoads { return &ServerLoads{db} }

// ServerLeases decides who checks which server.
func (db *DB) ServerLeases() *ServerLeases { return &ServerLeases{db} }

// EventLog reads the log of events.
func (db *DB) EventLog() *EventLog { return &EventLog{db} }

// Consumers keeps the consumers of the log.
func (db *DB) Consumers() *Consumers { return &Consumers{db} }

// Users keeps users.
func (db *DB) Users() *Users { return &Users{db} }

// Tokens keeps API tokens.
func (db *DB) Tokens() *Tokens { return &Tokens{db} }
