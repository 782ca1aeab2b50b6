package ports

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// ConsumerRepository keeps the consumers of the event log, by user and name. Names
// are told apart exactly, case and all.
type ConsumerRepository interface {
	// Get returns a consumer; KindNotFound when the user has none of that name.
	Get(ctx context.Context, userID uuid.UUID, name string) (*domain.Consumer, error)

	// Find returns a user's consumers in the order of their making.
	Find(ctx context.Context, userID uuid.UUID) ([]*domain.Consumer, error)

	// Save loads and locks a consumer, and saves what change makes of it: an altered
	// one, or a new one where it was given nil, and how many the user has already.
	// An error of change undoes all. Those who save for one user at the same time
	// come one after another.
	Save(ctx context.Context, userID uuid.UUID, name string, change func(known *domain.Consumer, already int) (*domain.Consumer, error)) (*domain.Consumer, error)

	// Remove forgets a consumer; KindNotFound when there is none.
	Remove(ctx context.Context, userID uuid.UUID, name string) error
}
