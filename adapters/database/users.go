package database

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Users keeps the users that this installation itself knows.
type Users struct{ db *DB }

var _ ports.UserRepository = (*Users)(nil)

type userRow struct {
	bun.BaseModel `bun:"table:users,alias:u"`

	ID           uuid.UUID `bun:"id,pk"`
	Name         string    `bun:"name"`
	NameFolded   string    `bun:"name_folded"`
	Role         string    `bun:"role"`
	PasswordHash string    `bun:"password_hash,nullzero"`
	CreatedAt    time.Time `bun:"created_at"`
	UpdatedAt    time.Time `bun:"updated_at"`
}

func fromUser(u *domain.User) userRow {
	return userRow{
		ID: u.ID, Name: u.Name, NameFolded: domain.Fold(u.Name), Role: string(u.Role), PasswordHash: u.PasswordHash,
		CreatedAt: u.CreatedAt.UTC(), UpdatedAt: u.UpdatedAt.UTC(),
	}
}

func (r *userRow) toUser() *domain.User {
	return &domain.User{
		ID: r.ID, Name: r.Name, Role: domain.Role(r.Role), PasswordHash: r.PasswordHash,
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
}

// Add saves a new user.
func (s *Users) Add(ctx context.Context, user *domain.User) error {
	row := fromUser(user)
	return s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).Exec(ctx)
		return orNameTaken(err)
	})
}

func orNameTaken(err error) error {
	if isUnique(err) {
		return &domain.Error{Kind: domain.KindConflict, Field: "name", Message: "is taken by another user"}
	}
	return err
}

// Get returns a user.
func (s *Users) Get(ctx context.Context, id uuid.UUID) (*domain.User, error) {
	var row userRow
	if err := s.db.bun.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, orNotFound(ctx, err, "there is no user %s", id)
	}
	return row.toUser(), nil
}

// GetByName returns a user, whatever the case of the name.
func (s *Users) GetByName(ctx context.Context, name string) (*domain.User, error) {
	// PostgreSQL refuses to look for some of what no clean name holds.
	if name != domain.CleanText(name) {
		return nil, domain.NotFound("there is no user of this name")
	}
	var row userRow
	if err := s.db.bun.NewSelect().Model(&row).Where("name_folded = ?", domain.Fold(name)).Scan(ctx); err != nil {
		return nil, orNotFound(ctx, err, "there is no user of this name")
	}
	return row.toUser(), nil
}

// Find returns all users by name; with ids, only those of them that exist.
func (s *Users) Find(ctx context.Context, ids ...uuid.UUID) ([]*domain.User, error) {
	var rows []userRow
	query := s.db.bun.NewSelect().Model(&rows).Order("name_folded")
	if len(ids) > 0 {
		query.Where("id IN (?)", bun.List(ids))
	}
	if err := query.Scan(ctx); err != nil {
		return nil, translate(ctx, err)
	}
	users := make([]*domain.User, 0, len(rows))
	for i := range rows {
		users = append(users, rows[i].toUser())
	}
	return users, nil
}

// Update loads, locks and lets change alter a user, and saves it.
func (s *Users) Update(ctx context.Context, id uuid.UUID, change func(*domain.User) error) (*domain.User, error) {
	var user *domain.User
	err := s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var row userRow
		if err := lockRows(tx, tx.NewSelect().Model(&row).Where("id = ?", id), noKeyUpdate).Scan(ctx); err != nil {
			return orNotFound(ctx, err, "there is no user %s", id)
		}
		user = row.toUser()
		if err := change(user); err != nil {
			return err
		}
		row = fromUser(user)
		_, err := tx.NewUpdate().Model(&row).WherePK().Exec(ctx)
		return orNameTaken(err)
	})
	if err != nil {
		return nil, err
	}
	return user, nil
}
