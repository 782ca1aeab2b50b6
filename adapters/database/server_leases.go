package database

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
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
	now := domain.Instant(request.Now)
	lease := domain.Lease{ID: uuid.New(), Owner: request.Owner, Until: domain.Instant(request.Until)}
	var row serverRow
	err := s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		query := tx.NewSelect().Model(&row).
			Where("local_node = ?", request.Node).Where("deleted_at IS NULL").
			Where("(lease_id IS NULL OR lease_until <= ?)", now)
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
		_, err := tx.NewUpdate().Model(&row).WherePK().Set("lease_id = ?", lease.ID).
			Set("lease_owner = ?", lease.Owner).Set("lease_until = ?", lease.Until).Exec(ctx)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	lease.ServerID = row.ID
	return s.db.toServer(ctx, &row), &lease, nil
}

// Renew prolongs a lease.
func (s *ServerLeases) Renew(ctx context.Context, lease *domain.Lease, until time.Time) error {
	return s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		return stillHeld(tx.NewUpdate().Model((*serverRow)(nil)).ApplyQueryBuilder(s.db.heldLease(lease)).
			Set("lease_until = ?", domain.Instant(until)).Exec(ctx))
	})
}

// Release saves what a check has found out about its server and ends the lease.
func (s *ServerLeases) Release(ctx context.Context, lease *domain.Lease, server *domain.Server) error {
	row := fromServer(server)
	var before serverRow
	err := s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		held := tx.NewSelect().Model(&before).Column("problem_code", "problem_message").ApplyQueryBuilder(s.db.heldLease(lease))
		if err := held.Scan(ctx); err != nil && !errors.Is(err, sql.ErrNoRows) { // of a lost lease the update tells
			return err
		}
		update := tx.NewUpdate().Model(&row).Column(serverHealthColumns...).ApplyQueryBuilder(s.db.heldLease(lease))
		return stillHeld(endLease(update).Exec(ctx))
	})
	if err == nil && !server.Health.LooksLike(domain.ServerHealth{Problem: before.toProblem()}) {
		s.db.onAppend() // those who follow the health of servers wait for the same bell
	}
	return err
}

// endLease adds to an update of a server that nobody holds it any longer.
func endLease(update *bun.UpdateQuery) *bun.UpdateQuery {
	return update.Set("lease_id = NULL").Set("lease_owner = NULL").Set("lease_until = NULL")
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

// heldLease selects the lease's server if the lease is good. Whatever takes the
// server away, its removal included, has ended the lease.
func (db *DB) heldLease(lease *domain.Lease) func(bun.QueryBuilder) bun.QueryBuilder {
	return func(query bun.QueryBuilder) bun.QueryBuilder {
		return query.Where("id = ?", lease.ServerID).Where("lease_id = ?", lease.ID).Where("lease_until > ?", db.now())
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
