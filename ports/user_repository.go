package ports

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// UserRepository keeps the users that this installation itself knows.
type UserRepository interface {
	// Add saves a new user; KindConflict, field "name", when the name is taken
	// (names differ by more than case).
	Add(ctx context.Context, user *domain.User) error

	// Get returns a user; KindNotFound when there is none of that id.
	Get(ctx context.Context, id uuid.UUID) (*domain.User, error)

	// GetByName returns a user, whatever the case of the name; KindNotFound.
	GetByName(ctx context.Context, name string) (*domain.User, error)

	// Find returns all users by name; with ids, only those of them that exist.
	Find(ctx context.Context, ids ...uuid.UUID) ([]*domain.User, error)

	// Update loads and locks a user, lets change alter it and saves it;
	// KindNotFound as Get. An error of change undoes all.
	Update(ctx context.Context, id uuid.UUID, change func(*domain.User) error) (*domain.User, error)
}
