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

// Consumers keeps how far the readers of the event log have got that have a name.
type Consumers struct{ db *DB }

var _ ports.ConsumerRepository = (*Consumers)(nil)

type consumerRow struct {
	bun.BaseModel `bun:"table:event_consumers,alias:c"`

	UserID    uuid.UUID `bun:"user_id,pk"`
	Name      string    `bun:"name,pk"`
	Cursor    int64     `bun:"cursor"`
	CreatedAt time.Time `bun:"created_at"`
	UpdatedAt time.Time `bun:"updated_at"`
}

func fromConsumer(c *domain.Consumer) consumerRow {
	return consumerRow{
		UserID: c.UserID, Name: c.Name, Cursor: int64(c.Cursor),
		CreatedAt: c.CreatedAt.UTC(), UpdatedAt: c.UpdatedAt.UTC(),
	}
}

func (r *consumerRow) toConsumer() *domain.Consumer {
	return &domain.Consumer{
		UserID: r.UserID, Name: r.Name, Cursor: domain.Cursor(r.Cursor),
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
}

// Get returns a consumer.
func (s *Consumers) Get(ctx context.Context, userID uuid.UUID, name string) (*domain.Consumer, error) {
	var row consumerRow
	if err := named(s.db.bun.NewSelect().Model(&row), userID, name).Scan(ctx); err != nil {
		return nil, orNotFound(ctx, err, "there is no consumer %q", name)
	}
	return row.toConsumer(), nil
}

func named(query *bun.SelectQuery, userID uuid.UUID, name string) *bun.SelectQuery {
	return query.Where("user_id = ?", userID).Where("name = ?", name)
}

// Find returns a user's consumers in the order of their making.
func (s *Consumers) Find(ctx context.Context, userID uuid.UUID) ([]*domain.Consumer, error) {
	var rows []consumerRow
	err := s.db.bun.NewSelect().Model(&rows).Where("user_id = ?", userID).Order("created_at", "name").Scan(ctx)
	if err != nil {
		return nil, translate(ctx, err)
	}
	consumers := make([]*domain.Consumer, 0, len(rows))
	for i := range rows {
		consumers = append(consumers, rows[i].toConsumer())
	}
	return consumers, nil
}

// Save loads, locks and lets change make a consumer, and saves it.
func (s *Consumers) Save(ctx context.Context, userID uuid.UUID, name string, change func(known *domain.Consumer, already int) (*domain.Consumer, error)) (*domain.Consumer, error) {
	var consumer *domain.Consumer
	err := s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		known, already, err := lockConsumer(ctx, tx, userID, name)
		if err != nil {
			return err
		}
		var before domain.Consumer
		if known != nil {
			before = *known
		}
		if consumer, err = change(known, already); err != nil || known != nil && *consumer == before {
			return err
		}
		row := fromConsumer(consumer)
		if known != nil {
			_, err = tx.NewUpdate().Model(&row).WherePK().Exec(ctx)
		} else {
			_, err = tx.NewInsert().Model(&row).Exec(ctx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return consumer, nil
}

// lockConsumer returns a consumer, or nil and how many its user has: in that case
// nobody else can make one for the user before the transaction ends.
func lockConsumer(ctx context.Context, tx bun.Tx, userID uuid.UUID, name string) (*domain.Consumer, int, error) {
	var row consumerRow
	find := func() error {
		return lockRows(tx, named(tx.NewSelect().Model(&row), userID, name), noKeyUpdate).Scan(ctx)
	}
	err := find()
	if errors.Is(err, sql.ErrNoRows) {
		if err = lockConsumersOf(ctx, tx, userID); err == nil {
			err = find() // somebody may just have made it
		}
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		already, err := tx.NewSelect().Model((*consumerRow)(nil)).Where("user_id = ?", userID).Count(ctx)
		return nil, int(already), err
	case err != nil:
		return nil, 0, err
	}
	return row.toConsumer(), 0, nil
}

// Remove forgets a consumer.
func (s *Consumers) Remove(ctx context.Context, userID uuid.UUID, name string) error {
	return s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		result, err := tx.NewDelete().Model((*consumerRow)(nil)).
			Where("user_id = ?", userID).Where("name = ?", name).Exec(ctx)
		if err != nil {
			return err
		}
		if removed, err := result.RowsAffected(); err != nil || removed > 0 {
			return err
		}
		return domain.NotFound("there is no consumer %q", name)
	})
}
