package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Users is who may use the product: users, their passwords and their tokens.
type Users struct {
	Repository ports.UserRepository
	Tokens     ports.TokenRepository
	Passwords  ports.PasswordHasher
	Now        func() time.Time
}

const manageUsers = "manage users"

// minPasswordLength is the least length of a password, in bytes (NIST SP 800-63B).
const minPasswordLength = 8

// maxPasswordLength bounds the work of hashing, in bytes.
const maxPasswordLength = 1024

// Find lists all users by name; with ids, only those of them that exist.
func (a *Users) Find(ctx context.Context, _ domain.Actor, ids ...uuid.UUID) ([]*domain.User, error) {
	return a.Repository.Find(ctx, ids...)
}

// GetByName returns a user; KindNotFound.
func (a *Users) GetByName(ctx context.Context, actor domain.Actor, name string) (*domain.User, error) {
	if err := actor.RequireAdministrator(manageUsers); err != nil {
		return nil, err
	}
	return a.Repository.GetByName(ctx, name)
}

// Add makes a user; an empty password means that only tokens open the door.
// KindConflict when the name is taken; KindInvalid.
func (a *Users) Add(ctx context.Context, actor domain.Actor, name string, role domain.Role, password string) (*domain.User, error) {
	if err := actor.RequireAdministrator(manageUsers); err != nil {
		return nil, err
	}
	user, err := domain.NewUser(name, role, a.Now())
	if err != nil {
		return nil, err
	}
	if password != "" {
		if user.PasswordHash, err = a.hash(ctx, password); err != nil {
			return nil, err
		}
	}
	return user, a.Repository.Add(ctx, user)
}

// SetPassword changes a user's password: an administrator anybody's, a member
// their own. KindInvalid, KindNotFound.
func (a *Users) SetPassword(ctx context.Context, actor domain.Actor, id uuid.UUID, password string) error {
	if !actor.MayUse(&id) {
		return domain.Forbidden("only an administrator may change another user's password")
	}
	hash, err := a.hash(ctx, password)
	if err != nil {
		return err
	}
	_, err = a.Repository.Update(ctx, id, func(u *domain.User) error {
		u.PasswordHash, u.UpdatedAt = hash, domain.Instant(a.Now())
		return nil
	})
	return err
}

func (a *Users) hash(ctx context.Context, password string) (string, error) {
	if len(password) < minPasswordLength || len(password) > maxPasswordLength {
		return "", domain.Invalid("password", "must be %d to %d bytes long", minPasswordLength, maxPasswordLength)
	}
	return a.Passwords.Hash(ctx, password)
}

// None reports whether there is no user yet.
func (a *Users) None(ctx context.Context) (bool, error) {
	users, err := a.Repository.Find(ctx)
	return len(users) == 0, err
}
