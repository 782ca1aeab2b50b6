package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

type consumers struct{ *Store }

type consumerKey struct {
	userID uuid.UUID
	name   string
}

// Consumers is the Store as a ports.ConsumerRepository.
func (s *Store) Consumers() ports.ConsumerRepository { return consumers{s} }

// Get implements ports.ConsumerRepository.
func (s consumers) Get(ctx context.Context, userID uuid.UUID, name string) (found *domain.Consumer, err error) {
	err = s.do(ctx, "ConsumerRepository.Get", func() error {
		if found = copyOf(s.consumers[consumerKey{userID, name}]); found == nil {
			return domain.NotFound("there is no consumer %q", name)
		}
		return nil
	})
	return found, err
}

// Find implements ports.ConsumerRepository.
func (s consumers) Find(ctx context.Context, userID uuid.UUID) (found []*domain.Consumer, err error) {
	err = s.do(ctx, "ConsumerRepository.Find", func() error {
		found = s.of(userID)
		return nil
	})
	return found, err
}

func (s consumers) of(userID uuid.UUID) (found []*domain.Consumer) {
	for key, consumer := range s.consumers {
		if key.userID == userID {
			found = append(found, copyOf(consumer))
		}
	}
	slices.SortFunc(found, func(a, b *domain.Consumer) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Name, b.Name))
	})
	return found
}

// Save implements ports.ConsumerRepository.
func (s consumers) Save(ctx context.Context, userID uuid.UUID, name string, change func(known *domain.Consumer, already int) (*domain.Consumer, error)) (saved *domain.Consumer, err error) {
	err = s.do(ctx, "ConsumerRepository.Save", func() error {
		key := consumerKey{userID, name}
		known, already := copyOf(s.consumers[key]), 0
		if known == nil {
			already = len(s.of(userID))
		}
		consumer, err := change(known, already)
		if err != nil {
			return err
		}
		s.consumers[key], saved = copyOf(consumer), consumer
		return nil
	})
	return saved, err
}

// Remove implements ports.ConsumerRepository.
func (s consumers) Remove(ctx context.Context, userID uuid.UUID, name string) error {
	return s.do(ctx, "ConsumerRepository.Remove", func() error {
		key := consumerKey{userID, name}
		if s.consumers[key] == nil {
			return domain.NotFound("there is no consumer %q", name)
		}
		delete(s.consumers, key)
		return nil
	})
}
