package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// tokenPrefix marks our tokens, for people and secret scanners.
const tokenPrefix = "dm_"

// tokenBytes is the randomness of a token: 256 bits.
const tokenBytes = 32

// AddToken makes a token for a user and returns its secret, which is shown this
// once. expiresAt nil means never. KindInvalid, KindNotFound, KindForbidden.
func (a *Users) AddToken(ctx context.Context, actor domain.Actor, userID uuid.UUID, name string, expiresAt *time.Time) (*domain.Token, string, error) {
	if !actor.MayUse(&userID) {
		return nil, "", domain.Forbidden("only an administrator may make tokens for another user")
	}
	if _, err := a.Repository.Get(ctx, userID); err != nil {
		return nil, "", err
	}
	raw := make([]byte, tokenBytes)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the program instead
	secret := tokenPrefix + base64.RawURLEncoding.EncodeToString(raw)
	token, err := a.keepToken(ctx, userID, name, secret, expiresAt)
	return token, secret, err
}

func (a *Users) keepToken(ctx context.Context, userID uuid.UUID, name, secret string, expiresAt *time.Time) (*domain.Token, error) {
	token, err := domain.NewToken(userID, name, hashToken(secret), expiresAt, a.Now())
	if err != nil {
		return nil, err
	}
	return token, a.Tokens.Add(ctx, token)
}

// FindTokens lists tokens, without secrets: a user's, or all when userID is nil.
func (a *Users) FindTokens(ctx context.Context, actor domain.Actor, userID *uuid.UUID) ([]*domain.Token, error) {
	if !actor.MayUse(userID) {
		return nil, domain.Forbidden("only an administrator may see another user's tokens")
	}
	return a.Tokens.Find(ctx, userID)
}

// RevokeToken ends a token; doing it again is fine. KindNotFound.
func (a *Users) RevokeToken(ctx context.Context, actor domain.Actor, id uuid.UUID) (*domain.Token, error) {
	return a.Tokens.Update(ctx, id, func(t *domain.Token) error {
		if !actor.MayUse(&t.UserID) {
			return domain.NotFound("no token %s", id)
		}
		t.Revoke(a.Now())
		return nil
	})
}

// Authenticate returns the user behind a token's secret; KindUnauthenticated
// when there is none or it has ended.
func (a *Users) Authenticate(ctx context.Context, secret string) (domain.Actor, error) {
	token, err := a.Tokens.GetByHash(ctx, hashToken(secret))
	if domain.KindOf(err) == domain.KindNotFound || (err == nil && !token.Usable(a.Now())) {
		return domain.Actor{}, domain.Unauthenticated("unknown, expired or revoked token")
	}
	if err != nil {
		return domain.Actor{}, err
	}
	user, err := a.Repository.Get(ctx, token.UserID)
	if err != nil {
		return domain.Actor{}, err
	}
	actor := user.Actor()
	actor.ExpiresAt = token.ExpiresAt
	return actor, nil
}

// administratorNames are tried in turn by EnsureAdministrator.
var administratorNames = []string{"admin", "administrator"}

// administratorToken names the token that EnsureAdministrator makes.
const administratorToken = "DM_ADMIN_TOKEN"

// EnsureAdministrator makes an administrator whom secret lets in, if there is
// none. The secret given last is the one that counts: it ends the one before it,
// and is good again if it had been ended. KindInvalid when it is too short.
func (a *Users) EnsureAdministrator(ctx context.Context, secret string) error {
	const shortest = 16
	if len(secret) < shortest {
		return domain.Invalid("adminToken", "must be at least %d bytes long", shortest)
	}
	user, err := a.administrator(ctx)
	if err != nil {
		return err
	}
	tokens, err := a.Tokens.Find(ctx, &user.ID)
	if err != nil {
		return err
	}
	present, hash := false, hashToken(secret)
	for _, t := range tokens {
		if t.Hash == hash {
			if present = true; !t.Usable(a.Now()) {
				_, err = a.Tokens.Update(ctx, t.ID, func(t *domain.Token) error { t.Reinstate(); return nil })
			}
		} else if t.Name == administratorToken && t.RevokedAt == nil {
			_, err = a.RevokeToken(ctx, domain.System(), t.ID)
		}
		if err != nil {
			return err
		}
	}
	if present {
		return nil
	}
	_, err = a.keepToken(ctx, user.ID, administratorToken, secret, nil)
	if domain.KindOf(err) == domain.KindConflict {
		return domain.Conflict("the administrator's token is another user's already; choose another one")
	}
	return err
}

// administrator returns the administrator whom a secret of the configuration lets
// in, and makes one if there is none. A member who happens to bear the name is
// neither raised nor let in.
func (a *Users) administrator(ctx context.Context) (*domain.User, error) {
	for _, name := range administratorNames {
		user, err := a.Repository.GetByName(ctx, name)
		if domain.KindOf(err) == domain.KindNotFound {
			user, err = a.Add(ctx, domain.System(), name, domain.RoleAdministrator, "")
			if domain.KindOf(err) == domain.KindConflict { // another replica was faster
				user, err = a.Repository.GetByName(ctx, name)
			}
		}
		if err != nil || user.Role == domain.RoleAdministrator {
			return user, err
		}
	}
	return nil, domain.Conflict("the names %s are all taken by members", strings.Join(administratorNames, ", "))
}

// hashToken needs no salt and no slowness: a token is 256 random bits.
func hashToken(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
