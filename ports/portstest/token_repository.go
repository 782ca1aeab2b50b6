package portstest

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// aToken returns a token of a user that is not stored yet.
func aToken(user *domain.User, minutes int) *domain.Token {
	hash := strings.ReplaceAll(uuid.NewString()+uuid.NewString(), "-", "")
	return &domain.Token{ID: uuid.New(), UserID: user.ID, Name: "a token", Hash: hash, CreatedAt: after(minutes)}
}

// TokenRepository is the contract of ports.TokenRepository.
func TokenRepository(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	facts{
		"a token is got by its hash as it was added, in every field": func(t *testing.T, store Store) {
			user := addUser(t, store, "anna")
			plain, whole := aToken(user, 1), aToken(user, 2)
			whole.Name, whole.ExpiresAt, whole.RevokedAt = strings.Repeat("ü", domain.MaxNameLength), ptr(after(3)), ptr(after(4))
			for _, token := range []*domain.Token{plain, whole} {
				ok(t, store.Tokens.Add(t.Context(), token))
				got, err := store.Tokens.GetByHash(t.Context(), token.Hash)
				ok(t, err)
				same(t, got, token)
			}
		},
		"a hash is taken once": func(t *testing.T, store Store) {
			user := addUser(t, store, "anna")
			token, other := aToken(user, 1), aToken(user, 2)
			ok(t, store.Tokens.Add(t.Context(), token))
			other.Hash = token.Hash
			fails(t, store.Tokens.Add(t.Context(), other), domain.KindConflict)
		},
		"an id is taken once": func(t *testing.T, store Store) {
			user := addUser(t, store, "anna")
			token, other := aToken(user, 1), aToken(user, 2)
			ok(t, store.Tokens.Add(t.Context(), token))
			other.ID = token.ID
			fails(t, store.Tokens.Add(t.Context(), other), domain.KindConflict)
			_, err := store.Tokens.GetByHash(t.Context(), other.Hash)
			fails(t, err, domain.KindNotFound)
		},
		"a hash that no token has is not found": func(t *testing.T, store Store) {
			token := aToken(addUser(t, store, "anna"), 1)
			ok(t, store.Tokens.Add(t.Context(), token))
			for _, hash := range []string{"", token.Hash[:63], token.Hash + "0", "%", strings.Repeat("0", 64)} {
				_, err := store.Tokens.GetByHash(t.Context(), hash)
				fails(t, err, domain.KindNotFound)
			}
		},
		"tokens are found by user or all, oldest first, usable or not": func(t *testing.T, store Store) {
			anna, berta, carla := addUser(t, store, "anna"), addUser(t, store, "berta"), addUser(t, store, "carla")
			third, second, first := aToken(anna, 3), aToken(berta, 2), aToken(anna, 1)
			first.RevokedAt = ptr(after(9))
			for _, token := range []*domain.Token{third, second, first} {
				ok(t, store.Tokens.Add(t.Context(), token))
			}
			for _, one := range []struct {
				user *uuid.UUID
				want []*domain.Token
			}{
				{nil, []*domain.Token{first, second, third}},
				{&anna.ID, []*domain.Token{first, third}},
				{&berta.ID, []*domain.Token{second}},
				{&carla.ID, []*domain.Token{}},
			} {
				found, err := store.Tokens.Find(t.Context(), one.user)
				ok(t, err)
				same(t, append([]*domain.Token{}, found...), one.want)
			}
		},
		"every field that a change alters is saved": func(t *testing.T, store Store) {
			token := aToken(addUser(t, store, "anna"), 1)
			ok(t, store.Tokens.Add(t.Context(), token))
			want := *token
			want.Name, want.ExpiresAt, want.RevokedAt = "renamed", ptr(after(5)), ptr(after(6))
			updated, err := store.Tokens.Update(t.Context(), token.ID, func(token *domain.Token) error {
				*token = want
				return nil
			})
			ok(t, err)
			same(t, updated, want)
			got, err := store.Tokens.GetByHash(t.Context(), token.Hash)
			ok(t, err)
			same(t, got, want)
		},
		"what a caller does to a token afterwards is not stored": func(t *testing.T, store Store) {
			token := aToken(addUser(t, store, "anna"), 1)
			token.ExpiresAt = ptr(after(5))
			ok(t, store.Tokens.Add(t.Context(), token))
			*token.ExpiresAt = after(99)
			got, err := store.Tokens.GetByHash(t.Context(), token.Hash)
			ok(t, err)
			same(t, *got.ExpiresAt, after(5))
			*got.ExpiresAt = after(99)
			got, err = store.Tokens.GetByHash(t.Context(), token.Hash)
			ok(t, err)
			same(t, *got.ExpiresAt, after(5))
		},
		"an error of the change undoes all": func(t *testing.T, store Store) {
			token := aToken(addUser(t, store, "anna"), 1)
			ok(t, store.Tokens.Add(t.Context(), token))
			_, err := store.Tokens.Update(t.Context(), token.ID, func(token *domain.Token) error {
				token.RevokedAt = ptr(after(2))
				return errChange
			})
			givesUp(t, err)
			got, err := store.Tokens.GetByHash(t.Context(), token.Hash)
			ok(t, err)
			same(t, got, token)
		},
		"an unknown token is not updated": func(t *testing.T, store Store) {
			_, err := store.Tokens.Update(t.Context(), uuid.New(), func(*domain.Token) error {
				t.Error("change was called")
				return nil
			})
			fails(t, err, domain.KindNotFound)
		},
		"updates at the same moment lose nothing": func(t *testing.T, store Store) {
			token := aToken(addUser(t, store, "anna"), 1)
			token.Name = ""
			ok(t, store.Tokens.Add(t.Context(), token))
			const callers = 12
			for _, err := range together(callers, func(int) error {
				_, err := store.Tokens.Update(t.Context(), token.ID, func(token *domain.Token) error {
					token.Name += "x"
					return nil
				})
				return err
			}) {
				ok(t, err)
			}
			got, err := store.Tokens.GetByHash(t.Context(), token.Hash)
			ok(t, err)
			if got.Name != strings.Repeat("x", callers) {
				t.Errorf("after %d updates the name is %q", callers, got.Name)
			}
		},
		"an ended context ends every call on tokens": func(t *testing.T, store Store) {
			user := addUser(t, store, "anna")
			token, other := aToken(user, 1), aToken(user, 2)
			ok(t, store.Tokens.Add(t.Context(), token))
			refuses(t, map[string]func(ctx context.Context) error{
				"Add":       func(ctx context.Context) error { return store.Tokens.Add(ctx, other) },
				"GetByHash": func(ctx context.Context) error { _, err := store.Tokens.GetByHash(ctx, token.Hash); return err },
				"Find":      func(ctx context.Context) error { _, err := store.Tokens.Find(ctx, nil); return err },
				"Update": func(ctx context.Context) error {
					_, err := store.Tokens.Update(ctx, token.ID, func(*domain.Token) error { return nil })
					return err
				},
			})
			ok(t, store.Tokens.Add(t.Context(), other))
		},
	}.prove(t, open)
}
