package database

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Servers keeps servers, their credentials encrypted.
type Servers struct{ db *DB }

var _ ports.ServerRepository = (*Servers)(nil)

// Add saves a new server.
func (s *Servers) Add(ctx context.Context, server *domain.Server) error {
	row := fromServer(server)
	var err error
	if row.Sealed, err = s.db.secrets.seal(server.ID, server.Credentials); err != nil {
		return err
	}
	return s.announced(s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).Exec(ctx)
		if isUnique(err) {
			return domain.Conflict("server %s exists already", server.ID)
		}
		return err
	}))
}

// announced rings for those who follow servers, after a change that succeeded.
func (s *Servers) announced(err error) error {
	if err == nil {
		s.db.onAppend()
	}
	return err
}

// Get returns a live server.
func (s *Servers) Get(ctx context.Context, id uuid.UUID) (*domain.Server, error) {
	var row serverRow
	err := s.db.bun.NewSelect().Model(&row).Where("id = ?", id).Where("deleted_at IS NULL").Scan(ctx)
	if err != nil {
		return nil, orNotFound(ctx, err, "there is no server %s", id)
	}
	return s.db.toServer(ctx, &row), nil
}

// Find returns servers, oldest first.
func (s *Servers) Find(ctx context.Context, filter domain.ServerFilter) ([]*domain.Server, error) {
	if filter.IDs != nil && len(filter.IDs) == 0 {
		return nil, ctx.Err()
	}
	var rows []serverRow
	query := s.db.bun.NewSelect().Model(&rows)
	if filter.IDs != nil {
		query.Where("id IN (?)", bun.List(filter.IDs))
	}
	if filter.LocalNode != "" {
		query.Where("local_node = ?", filter.LocalNode)
	}
	if !filter.WithRemoved {
		query.Where("deleted_at IS NULL")
	}
	if err := query.Order("created_at", "id").Scan(ctx); err != nil {
		return nil, translate(ctx, err)
	}
	servers := make([]*domain.Server, 0, len(rows))
	for i := range rows {
		servers = append(servers, s.db.toServer(ctx, &rows[i]))
	}
	return servers, nil
}

// Update loads, locks and lets change alter a live server, saves it and ends its
// lease.
func (s *Servers) Update(ctx context.Context, id uuid.UUID, change func(*domain.Server) error) (*domain.Server, error) {
	var server *domain.Server
	err := s.db.write(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		server, err = s.change(ctx, tx, id, noKeyUpdate, change)
		return err
	})
	if err = s.announced(err); err != nil {
		return nil, err
	}
	return server, nil
}

// Remove is Update that tells change how many open torrents there are.
func (s *Servers) Remove(ctx context.Context, id uuid.UUID, change func(server *domain.Server, openTorrents int) error) error {
	return s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		// forUpdate waits for those who are adding torrents and keeps new ones
		// waiting, so that the count holds until the commit.
		server, err := s.change(ctx, tx, id, forUpdate, func(server *domain.Server) error {
			open, err := tx.NewSelect().Model((*torrentRow)(nil)).Where("server_id = ?", id).
				Where("completed_at IS NULL").Where("deleted_at IS NULL").Count(ctx)
			if err != nil {
				return err
			}
			return change(server, int(open))
		})
		if err != nil || server.DeletedAt == nil {
			return err
		}
		return deleteRemovals(ctx, tx, tx.NewSelect().Where("server_id = ?", id))
	})
}

func (s *Servers) change(
	ctx context.Context, tx bun.Tx, id uuid.UUID, lock rowLock, change func(*domain.Server) error,
) (*domain.Server, error) {
	var row serverRow
	query := tx.NewSelect().Model(&row).Where("id = ?", id).Where("deleted_at IS NULL")
	if err := lockRows(tx, query, lock).Scan(ctx); err != nil {
		return nil, orNotFound(ctx, err, "there is no server %s", id)
	}
	server := s.db.toServer(ctx, &row)
	before := server.Credentials
	if err := change(server); err != nil {
		return nil, err
	}
	sealed := row.Sealed // also what could not be read is kept until it is replaced
	if server.Credentials != before {
		var err error
		if sealed, err = s.db.secrets.seal(id, server.Credentials); err != nil {
			return nil, err
		}
	}
	row = fromServer(server)
	row.Sealed = sealed
	_, err := endLease(tx.NewUpdate().Model(&row).ExcludeColumn("id").WherePK()).Exec(ctx)
	return server, err
}
