package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/clarion-app/download-manager/adapters/auth"
	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/app"
)

// databaseFile is the SQLite database in the data directory.
const databaseFile = "downloadmanager.db"

// dsn is the address of the database.
func (s *storageSettings) dsn() string {
	if s.DatabaseURL != "" {
		return s.DatabaseURL
	}
	return "sqlite:" + filepath.Join(s.DataDir, databaseFile)
}

// postgres reports whether several machines may share the database.
func (s *storageSettings) postgres() bool {
	return strings.HasPrefix(s.dsn(), "postgres://") || strings.HasPrefix(s.dsn(), "postgresql://")
}

// open opens the database, and makes the data directory if it is not there.
// onAppend may be nil.
func (s *storageSettings) open(ctx context.Context, onAppend func(), log *slog.Logger) (*database.DB, error) {
	if err := os.MkdirAll(s.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	key, err := s.secretKey()
	if err != nil {
		return nil, err
	}
	db, err := database.Open(ctx, s.dsn(), database.Options{SecretKey: key, OnAppend: onAppend, Logger: log})
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	return db, nil
}

// openMigrated is open for those who need the tables. Any number of processes may
// do so at once.
func (s *storageSettings) openMigrated(ctx context.Context, onAppend func(), log *slog.Logger) (*database.DB, error) {
	db, err := s.open(ctx, onAppend, log)
	if err != nil {
		return nil, err
	}
	if err := db.MigrateUp(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), db.Close())
	}
	return db, nil
}

// withDatabase runs a command's work on the open database.
func (s *storageSettings) withDatabase(session *session, work func(*database.DB) error) error {
	db, err := s.open(session.ctx, nil, s.logger(session.stderr))
	if err != nil {
		return err
	}
	return errors.Join(work(db), db.Close())
}

// withUsers runs a command's work on the users.
func (s *storageSettings) withUsers(session *session, work func(*app.Users) error) error {
	db, err := s.openMigrated(session.ctx, nil, s.logger(session.stderr))
	if err != nil {
		return err
	}
	return errors.Join(work(usersOf(db)), db.Close())
}

func usersOf(db *database.DB) *app.Users {
	return &app.Users{Repository: db.Users(), Tokens: db.Tokens(), Passwords: auth.NewPasswordHasher(), Now: time.Now}
}

// moment is a time as the commands print it; nil or zero is "-".
func moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}
