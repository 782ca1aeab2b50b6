package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	user, err := h.users.Add(ctx, domain.System(), "Ann", domain.RoleMember, "")
	if err != nil {
		t.Fatal(err)
	}
	later := h.clock().Add(time.Hour)
	token, secret, err := h.users.AddToken(ctx, user.Actor(), user.ID, "laptop", &later)
	if err != nil {
		t.Fatal(err)
	}

	actor, err := h.users.Authenticate(ctx, secret)
	if err != nil || actor.UserID != user.ID || actor.Role != domain.RoleMember || actor.ExpiresAt == nil {
		t.Fatalf("%+v, %v", actor, err)
	}
	if token.Hash == secret {
		t.Fatal("the secret is kept")
	}
	for _, bad := range []string{"", "dm_", secret[:len(secret)-1], secret + "x", token.Hash} {
		_, err := h.users.Authenticate(ctx, bad)
		wantKind(t, err, domain.KindUnauthenticated, "")
	}
	_, _, err = h.users.AddToken(ctx, member(uuid.New()), user.ID, "stolen", nil)
	wantKind(t, err, domain.KindForbidden, "")
	_, err = h.users.RevokeToken(ctx, member(uuid.New()), token.ID)
	wantKind(t, err, domain.KindNotFound, "")

	_, other, err := h.users.AddToken(ctx, domain.System(), user.ID, "phone", nil)
	if err != nil {
		t.Fatal(err)
	}
	h.pass(2 * time.Hour)
	_, err = h.users.Authenticate(ctx, secret)
	wantKind(t, err, domain.KindUnauthenticated, "")
	if _, err = h.users.Authenticate(ctx, other); err != nil {
		t.Fatal(err)
	}
	list, err := h.users.FindTokens(ctx, user.Actor(), &user.ID)
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	for _, token := range list {
		if _, err = h.users.RevokeToken(ctx, user.Actor(), token.ID); err != nil {
			t.Fatal(err)
		}
	}
	_, err = h.users.Authenticate(ctx, other)
	wantKind(t, err, domain.KindUnauthenticated, "")
}

func TestEnsureAdministrator(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	wantKind(t, h.users.EnsureAdministrator(ctx, "short"), domain.KindInvalid, "adminToken")
	const first, second = "first-secret-of-the-house", "second-secret-of-the-house"
	for range 2 {
		if err := h.users.EnsureAdministrator(ctx, first); err != nil {
			t.Fatal(err)
		}
	}
	if actor, err := h.users.Authenticate(ctx, first); err != nil || !actor.IsAdministrator() {
		t.Fatalf("%+v, %v", actor, err)
	}
	if err := h.users.EnsureAdministrator(ctx, second); err != nil {
		t.Fatal(err)
	}
	_, err := h.users.Authenticate(ctx, first)
	wantKind(t, err, domain.KindUnauthenticated, "")
	if _, err := h.users.Authenticate(ctx, second); err != nil {
		t.Fatal(err)
	}
	if err := h.users.EnsureAdministrator(ctx, first); err != nil { // a configuration that was rolled back
		t.Fatal(err)
	}
	if _, err := h.users.Authenticate(ctx, first); err != nil {
		t.Fatal(err)
	}
	_, err = h.users.Authenticate(ctx, second)
	wantKind(t, err, domain.KindUnauthenticated, "")
	if none, err := h.users.None(ctx); err != nil || none {
		t.Fatalf("none: %v, %v", none, err)
	}
}

func TestPasswordsAreCheckedAndNeverKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.users.Passwords = reversing{}
	ctx := t.Context()
	_, err := h.users.Add(ctx, domain.System(), "Ann", domain.RoleMember, "short")
	wantKind(t, err, domain.KindInvalid, "password")
	user, err := h.users.Add(ctx, domain.System(), "Ann", domain.RoleMember, "long enough")
	if err != nil || user.PasswordHash == "long enough" {
		t.Fatalf("%+v, %v", user, err)
	}
	_, err = h.users.Add(ctx, domain.System(), "ANN", domain.RoleMember, "")
	wantKind(t, err, domain.KindConflict, "name")
	wantKind(t, h.users.SetPassword(ctx, member(uuid.New()), user.ID, "long enough too"), domain.KindForbidden, "")
	if err := h.users.SetPassword(ctx, user.Actor(), user.ID, "long enough too"); err != nil {
		t.Fatal(err)
	}
	_, err = h.users.Add(ctx, member(uuid.New()), "Bob", domain.RoleMember, "")
	wantKind(t, err, domain.KindForbidden, "")
}

// reversing stands for a hasher where the hash itself does not matter.
type reversing struct{}

func (reversing) Hash(_ context.Context, password string) (string, error) {
	runes := []rune(password)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes), nil
}

func (r reversing) Matches(ctx context.Context, password, hash string) (bool, error) {
	got, err := r.Hash(ctx, password)
	return got == hash && hash != "", err
}
