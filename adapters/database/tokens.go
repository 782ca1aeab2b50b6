package database

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Tokens keeps API tokens, by the hash of their secret.
type Tokens struct{ db *DB }

var _ ports.TokenRepository = (*Tokens)(nil)

type tokenRow struct {
	bun.BaseModel `bun:"table:api_tokens,alias:k"`

	ID        uuid.UUID `bun:"id,pk"`
	UserID    uuid.UUID `bun:"user_id"`
	Name      string    `bun:"name"`
	Hash      string    `bun:"hash"`
	CreatedAt time.Time `bun:"created_at"`
	ExpiresAt time.Time `bun:"expires_at,nullzero"`
	RevokedAt time.Time `bun:"revoked_at,nullzero"`
}

func fromToken(t *domain.Token) tokenRow {
	return tokenRow{
		ID: t.ID, UserID: t.UserID, Name: t.Name, Hash: t.Hash, CreatedAt: t.CreatedAt.UTC(),
		ExpiresAt: orZero(t.ExpiresAt), RevokedAt: orZero(t.RevokedAt),
	}
}

func (r *tokenRow) toToken() *domain.Token {
	return &domain.Token{
		ID: r.ID, UserID: r.UserID, Name: r.Name, Hash: r.Hash, CreatedAt: r.CreatedAt.UTC(),
		ExpiresAt: orNil(r.ExpiresAt), RevokedAt: orNil(r.RevokedAt),
	}
}

// Add saves a new token.
func (s *Tokens) Add(ctx context.Context, token *domain.Token) error {
	row := fromToken(token)
	return s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).Exec(ctx)
		return orTokenTaken(err)
	})
}

func orTokenTaken(err error) error {
	if isUnique(err) {
		return domain.Conflict("this token exists already")
	}
	return err
}

// GetByHash returns the token of a hash, usable or not.
func (s *Tokens) GetByHash(ctx context.Context, hash string) (*domain.Token, error) {
	var row tokenRow
	if err := s.db.bun.NewSelect().Model(&row).Where("hash = ?", hash).Scan(ctx); err != nil {
		return nil, orNotFound(ctx, err, "there is no such token")
	}
	return row.toToken(), nil
}

// Find returns tokens, oldest first: a user's, or all when userID is nil.
func (s *Tokens) Find(ctx context.Context, userID *uuid.UUID) ([]*domain.Token, error) {
	var rows []tokenRow
	query := s.db.bun.NewSelect().Model(&rows).Order("created_at", "id")
	if userID != nil {
		query.Where("user_id = ?", *userID)
	}
	if err := query.Scan(ctx); err != nil {
		return nil, translate(ctx, err)
	}
	tokens := make([]*domain.Token, 0, len(rows))
	for i := range rows {
		tokens = append(tokens, rows[i].toToken())
	}
	return tokens, nil
}

// Update loads, locks and lets change alter a token, and saves it.
func (s *Tokens) Update(ctx context.Context, id uuid.UUID, change func(*domain.Token) error) (*domain.Token, error) {
	var token *domain.Token
	err := s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var row tokenRow
		if err := lockRows(tx, tx.NewSelect().Model(&row).Where("id = ?", id), noKeyUpdate).Scan(ctx); err != nil {
			return orNotFound(ctx, err, "there is no token %s", id)
		}
		token = row.toToken()
		if err := change(token); err != nil {
			return err
		}
		row = fromToken(token)
		_, err := tx.NewUpdate().Model(&row).WherePK().Exec(ctx)
		return orTokenTaken(err)
	})
	if err != nil {
		return nil, err
	}
	return token, nil
}
