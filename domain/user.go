package domain

import (
	"time"

	"github.com/google/uuid"
)

// Role is what a user may do.
type Role string

// The roles.
const (
	// RoleMember sees and changes their own torrents.
	RoleMember Role = "MEMBER"
	// RoleAdministrator sees and changes everything, and manages servers.
	RoleAdministrator Role = "ADMINISTRATOR"
)

// ParseRole reads a role in either case. Errors are of KindInvalid, field
// "role".
func ParseRole(text string) (Role, error) {
	switch text {
	case "member", "MEMBER":
		return RoleMember, nil
	case "administrator", "ADMINISTRATOR":
		return RoleAdministrator, nil
	}
	return "", Invalid("role", "must be member or administrator")
}

// User is somebody known to this installation by name. Users of a Clarion host
// are known by their token alone and have no such record.
type User struct {
	ID   uuid.UUID
	Name string
	Role Role
	// PasswordHash is an encoded argon2id hash; "" means no password login.
	PasswordHash string
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// NewUser makes a user. Errors are of KindInvalid.
func NewUser(name string, role Role, now time.Time) (*User, error) {
	name = CleanText(name)
	if name == "" {
		return nil, Invalid("name", "is required")
	}
	if err := checkLength("name", name); err != nil {
		return nil, err
	}
	now = Instant(now)
	return &User{ID: uuid.New(), Name: name, Role: role, CreatedAt: now, UpdatedAt: now}, nil
}

// Actor returns u as the one who acts.
func (u User) Actor() Actor { return Actor{UserID: u.ID, Name: u.Name, Role: u.Role} }

// Token is an API token. Its secret is shown once and only its hash is kept.
type Token struct {
	ID     uuid.UUID
	UserID uuid.UUID
	// Name is what its owner calls it.
	Name string
	// Hash is the SHA-256 of the secret, 64 hex digits.
	Hash      string
	CreatedAt time.Time
	// ExpiresAt is when it ends by itself; nil never.
	ExpiresAt *time.Time
	// RevokedAt is when it was ended; nil while it is good.
	RevokedAt *time.Time
}

// NewToken makes a token from the hash of its secret. Errors are of KindInvalid.
func NewToken(userID uuid.UUID, name, hash string, expiresAt *time.Time, now time.Time) (*Token, error) {
	name = CleanText(name)
	if name == "" {
		return nil, Invalid("name", "is required")
	}
	if err := checkLength("name", name); err != nil {
		return nil, err
	}
	now = Instant(now)
	t := &Token{ID: uuid.New(), UserID: userID, Name: name, Hash: hash, CreatedAt: now}
	if expiresAt != nil {
		if !expiresAt.After(now) {
			return nil, Invalid("expiresAt", "must be in the future")
		}
		at := Instant(*expiresAt)
		t.ExpiresAt = &at
	}
	return t, nil
}

// Revoke ends the token; doing it again changes nothing.
func (t *Token) Revoke(now time.Time) {
	if t.RevokedAt == nil {
		now = Instant(now)
		t.RevokedAt = &now
	}
}

// Reinstate makes a revoked token good again.
func (t *Token) Reinstate() { t.RevokedAt = nil }

// Usable reports whether the token is good at now.
func (t Token) Usable(now time.Time) bool {
	return t.RevokedAt == nil && (t.ExpiresAt == nil || now.Before(*t.ExpiresAt))
}

// Actor is who acts: a parameter of every use case.
type Actor struct {
	UserID uuid.UUID
	// Name is empty for users that only their host knows.
	Name string
	Role Role
	// ExpiresAt is when the credential ends; nil never.
	ExpiresAt *time.Time
}

// System is the product itself acting: the scheduler and the command line.
func System() Actor { return Actor{Name: "system", Role: RoleAdministrator} }

// IsAdministrator reports whether a may do everything.
func (a Actor) IsAdministrator() bool { return a.Role == RoleAdministrator }

// Owner is the user that a's new torrents belong to; nil for System.
func (a Actor) Owner() *uuid.UUID {
	if a.UserID == uuid.Nil {
		return nil
	}
	id := a.UserID
	return &id
}

// MayUse reports whether a may see and change what belongs to owner.
func (a Actor) MayUse(owner *uuid.UUID) bool {
	return a.IsAdministrator() || (owner != nil && *owner == a.UserID && a.UserID != uuid.Nil)
}

// RequireAdministrator returns an error of KindForbidden unless a is one; doing
// names what was tried ("manage servers").
func (a Actor) RequireAdministrator(doing string) error {
	if a.IsAdministrator() {
		return nil
	}
	return Forbidden("only an administrator may %s", doing)
}
