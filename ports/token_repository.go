package ports

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// TokenRepository keeps API tokens, by the hash of their secret.
type TokenRepository interface {
	// Add saves a new token; KindConflict when its hash or id is taken.
	Add(ctx context.Context, token *domain.Token) error

	// GetByHash returns the token of a hash, usable or not; KindNotFound.
	GetByHash(ctx context.Context, hash string) (*domain.Token, error)

	// Find returns tokens, oldest first: a user's, or all when userID is nil.
	Find(ctx context.Context, userID *uuid.UUID) ([]*domain.Token, error)

	// Update loads and locks a token, lets change alter it and saves it;
	// KindNotFound. An error of change undoes all.
	Update(ctx context.Context, id uuid.UUID, change func(*domain.Token) error) (*domain.Token, error)
}
