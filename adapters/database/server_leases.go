package database

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// ServerLeases decides, over all processes on one database, who checks which
// server.
type ServerLeases struct{ db *DB }

var _ ports.ServerLeases = (*ServerLeases)(nil)

// Claim returns a live server and a lease on it, or nil when none can be had.
func (s *ServerLeases) Claim(ctx context.Context, request ports.LeaseRequest) (*domain.Server, *domain.Lease, error) {
	now, until := domain.Instant(request.Now), domain.Instant(request.Until)
	var row serverRow
	err := s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		query := tx.NewSelect().Model(&row).
			Where("local_node = ?", request.Node).Where("deleted_at IS NULL").
			Where("(lease_owner IS NULL OR lease_until <= ?)", now)
		if request.ServerID != nil {
			query = lockRows(tx, query.Where("id = ?", *request.ServerID), noKeyUpdate)
		} else {
			// Claimers at the same moment pass over what another is just taking.
			query.Where("next_check_at <= ?", now).Order("next_check_at", "id").Limit(1)
			query = lockRows(tx, query, skipLocked)
		}
		if err := query.Scan(ctx); err != nil {
			return err
		}
		_, err := tx.NewUpdate().Model(&row).WherePK().Set("lease_owner = ?", request.Owner).
			Set("lease_until = ?", until).Set("lease_renewed_from = NULL").Exec(ctx)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return s.db.toServer(ctx, &row), &domain.Lease{ServerID: row.ID, Owner: request.Owner, Until: until}, nil
}

// Renew prolongs a lease, and tells it so.
func (s *ServerLeases) Renew(ctx context.Context, lease *domain.Lease, until time.Time) error {
	until = domain.Instant(until)
	held := s.db.heldLease(lease)
	err := s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		return stillHeld(tx.NewUpdate().Model((*serverRow)(nil)).ApplyQueryBuilder(held).
			Set("lease_renewed_from = lease_until").Set("lease_until = ?", until).Exec(ctx))
	})
	if err != nil {
		return err
	}
	s.db.leaseEnds.Lock()
	lease.Until = until
	s.db.leaseEnds.Unlock()
	return nil
}

// Release saves what a check has found out about its server and ends the lease.
func (s *ServerLeases) Release(ctx context.Context, lease *domain.Lease, server *domain.Server) error {
	row := fromServer(server)
	held := s.db.heldLease(lease)
	return s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		update := tx.NewUpdate().Model(&row).Column(serverHealthColumns...).ApplyQueryBuilder(held)
		return stillHeld(endLease(update).Exec(ctx))
	})
}

// endLease adds to an update of a server that nobody holds it any longer.
func endLease(update *bun.UpdateQuery) *bun.UpdateQuery {
	return update.Set("lease_owner = NULL").Set("lease_until = NULL").Set("lease_renewed_from = NULL")
}

var errLeaseLost = domain.Conflict("the lease on the server was lost")

func stillHeld(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return errLeaseLost
}

// heldLease selects the lease's server if the lease is good.
//
// A process may have lost a lease and have claimed its server anew, under the
// same owner, so that the lease's end is part of what it is known by. A renewal
// moves the end; those who use the lease meanwhile know it by the former one.
func (db *DB) heldLease(lease *domain.Lease) func(bun.QueryBuilder) bun.QueryBuilder {
	db.leaseEnds.RLock()
	end := lease.Until.UTC()
	db.leaseEnds.RUnlock()
	return func(query bun.QueryBuilder) bun.QueryBuilder {
		return query.Where("id = ?", lease.ServerID).Where("deleted_at IS NULL").
			Where("lease_owner = ?", lease.Owner).Where("lease_until > ?", db.now()).
			Where("(lease_until = ? OR lease_renewed_from = ?)", end, end)
	}
}

// requireLease is KindConflict unless the lease is good, and keeps it so until
// the transaction ends: who would end it, or take the server after it has run
// out, must wait.
func (db *DB) requireLease(ctx context.Context, tx bun.Tx, lease *domain.Lease) error {
	query := tx.NewSelect().Model((*serverRow)(nil)).ColumnExpr("1").ApplyQueryBuilder(db.heldLease(lease))
	var one int
	err := lockRows(tx, query, share).Scan(ctx, &one)
	if errors.Is(err, sql.ErrNoRows) {
		return errLeaseLost
	}
	return err
}
