package database

import (
	"context"
	"sync"

	"github.com/uptrace/bun"
)

// Translate is translate.
var Translate = translate

// Bun is the way to rows that no repository shows.
func (db *DB) Bun() *bun.DB { return db.bun }

// Recording remembers whole statements, values included.
type Recording struct {
	mu      sync.Mutex
	queries []string
}

// Record makes db remember its statements from now on.
func (db *DB) Record() *Recording {
	recording := &Recording{}
	db.bun = db.bun.WithQueryHook(recording)
	return recording
}

// Take returns the statements since the last Take.
func (r *Recording) Take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	queries := r.queries
	r.queries = nil
	return queries
}

// BeforeQuery does nothing.
func (r *Recording) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

// AfterQuery remembers.
func (r *Recording) AfterQuery(_ context.Context, event *bun.QueryEvent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queries = append(r.queries, event.Query)
}

// LockMigrations is lockMigrations.
func (db *DB) LockMigrations(ctx context.Context) (func() error, error) {
	return db.lockMigrations(ctx)
}
