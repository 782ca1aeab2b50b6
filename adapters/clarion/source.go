// Package clarion reads the database of a Clarion host, PostgreSQL or MariaDB, for
// those who move from there. It writes nothing.
package clarion

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Source implements ports.ClarionSource.
type Source struct {
	db *sql.DB
	// zone is what the times of the database are in, which does not say.
	zone *time.Location
	// quote is what names are quoted with.
	quote string
	// place is how the n-th argument is written.
	place func(n string) string
}

var _ ports.ClarionSource = (*Source)(nil)

// Close ends the connections.
func (s *Source) Close() error { return s.db.Close() }

// Servers implements ports.ClarionSource.
func (s *Source) Servers(ctx context.Context) ([]domain.ClarionServer, error) {
	var servers []domain.ClarionServer
	err := s.rows(ctx, `SELECT id, local_node, address, type, created_at, updated_at
		FROM torrent_servers WHERE deleted_at IS NULL ORDER BY id`, func(scan func(...any) error) error {
		var row domain.ClarionServer
		var created, updated sql.NullTime
		if err := scan(&row.ID, &row.LocalNode, &row.Address, &row.Type, &created, &updated); err != nil {
			return err
		}
		row.CreatedAt, row.UpdatedAt = s.time(created), s.time(updated)
		servers = append(servers, row)
		return nil
	})
	return servers, err
}

// Torrents implements ports.ClarionSource.
func (s *Source) Torrents(ctx context.Context, after string, limit int) ([]domain.ClarionTorrent, error) {
	var torrents []domain.ClarionTorrent
	query, args := `SELECT id, local_node, server_id, user_id, "magnetURI", hash_string, name, completed_at, created_at, updated_at
		FROM torrents WHERE deleted_at IS NULL`, []any{limit}
	if after != "" { // which PostgreSQL would not take for a UUID
		query, args = query+" AND id > "+s.place("1"), []any{after, limit}
	}
	query += " ORDER BY id LIMIT " + s.place(map[bool]string{true: "2", false: "1"}[after != ""])
	err := s.rows(ctx, query, func(scan func(...any) error) error {
		var row domain.ClarionTorrent
		var user, hash, name sql.NullString
		var completed, created, updated sql.NullTime
		if err := scan(&row.ID, &row.LocalNode, &row.ServerID, &user, &row.MagnetURI, &hash, &name, &completed, &created, &updated); err != nil {
			return err
		}
		row.UserID, row.HashString, row.Name = user.String, hash.String, name.String
		row.CreatedAt, row.UpdatedAt = s.time(created), s.time(updated)
		if completed.Valid {
			at := s.time(completed)
			row.CompletedAt = &at
		}
		torrents = append(torrents, row)
		return nil
	}, args...)
	return torrents, err
}

// rows reads all that a query finds.
func (s *Source) rows(ctx context.Context, query string, read func(scan func(...any) error) error, args ...any) error {
	rows, err := s.db.QueryContext(ctx, strings.ReplaceAll(query, `"`, s.quote), args...)
	if err != nil {
		return unreadable(ctx, err)
	}
	defer func() { _ = rows.Close() }() // what it would tell, Err has told
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return unreadable(ctx, err)
		}
	}
	return unreadable(ctx, rows.Err())
}

func unreadable(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	}
	return domain.Unavailable(err, "the Clarion database cannot be read: %v", err)
}

// time puts a time of the database, which comes as if it were UTC, into its zone.
func (s *Source) time(t sql.NullTime) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	at := t.Time.UTC()
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), s.zone).UTC()
}
