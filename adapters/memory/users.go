package memory

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

type users struct{ *Store }

// Users is the Store as a ports.UserRepository.
func (s *Store) Users() ports.UserRepository { return users{s} }

// named returns the stored user of a name, whatever its case; nil if none.
func (s users) named(name string) *domain.User {
	for _, user := range s.users {
		if strings.EqualFold(user.Name, name) {
			return user
		}
	}
	return nil
}

// Add implements ports.UserRepository.
func (s users) Add(ctx context.Context, user *domain.User) error {
	return s.do(ctx, "UserRepository.Add", func() error {
		if s.named(user.Name) != nil {
			return nameTaken(user.Name)
		}
		s.users[user.ID] = copyOf(user)
		return nil
	})
}

func nameTaken(name string) error {
	return &domain.Error{Kind: domain.KindConflict, Field: "name", Message: "there is a user " + name + " already"}
}

// Get implements ports.UserRepository.
func (s users) Get(ctx context.Context, id uuid.UUID) (found *domain.User, err error) {
	err = s.do(ctx, "UserRepository.Get", func() error {
		if found = copyOf(s.users[id]); found == nil {
			return domain.NotFound("there is no user %s", id)
		}
		return nil
	})
	return found, err
}

// GetByName implements ports.UserRepository.
func (s users) GetByName(ctx context.Context, name string) (found *domain.User, err error) {
	err = s.do(ctx, "UserRepository.GetByName", func() error {
		if found = copyOf(s.named(name)); found == nil {
			return domain.NotFound("there is no user %s", name)
		}
		return nil
	})
	return found, err
}

// Find implements ports.UserRepository.
func (s users) Find(ctx context.Context, ids ...uuid.UUID) (found []*domain.User, err error) {
	err = s.do(ctx, "UserRepository.Find", func() error {
		for id, user := range s.users {
			if len(ids) == 0 || slices.Contains(ids, id) {
				found = append(found, copyOf(user))
			}
		}
		slices.SortFunc(found, func(a, b *domain.User) int {
			return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
		})
		return nil
	})
	return found, err
}

// Update implements ports.UserRepository.
func (s users) Update(ctx context.Context, id uuid.UUID, change func(*domain.User) error) (updated *domain.User, err error) {
	err = s.do(ctx, "UserRepository.Update", func() error {
		user := copyOf(s.users[id])
		if user == nil {
			return domain.NotFound("there is no user %s", id)
		}
		if err := change(user); err != nil {
			return err
		}
		if other := s.named(user.Name); other != nil && other.ID != id {
			return nameTaken(user.Name)
		}
		s.users[id], updated = copyOf(user), user
		return nil
	})
	return updated, err
}
