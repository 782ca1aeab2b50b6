package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

func TestLogIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	hasher := &counting{}
	h.users.Passwords = hasher
	ctx := t.Context()
	const password = " long enough "
	ann, err := h.users.Add(ctx, domain.System(), "Ann", domain.RoleMember, password)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = h.users.Add(ctx, domain.System(), "Tokens only", domain.RoleMember, ""); err != nil {
		t.Fatal(err)
	}

	t.Run("gives a token that ends after 30 days", func(t *testing.T) {
		token, secret, err := h.users.LogIn(ctx, " ann ", password)
		if err != nil || token.UserID != ann.ID || token.Name != "login" {
			t.Fatalf("%+v, %v", token, err)
		}
		if want := domain.Instant(h.clock().Add(30 * 24 * time.Hour)); token.ExpiresAt == nil || !token.ExpiresAt.Equal(want) {
			t.Errorf("ends at %v, want %v", token.ExpiresAt, want)
		}
		if actor, err := h.users.Authenticate(ctx, secret); err != nil || actor.UserID != ann.ID || actor.Role != domain.RoleMember {
			t.Errorf("%+v, %v", actor, err)
		}
		if _, again, err := h.users.LogIn(ctx, "ANN", password); err != nil || again == secret {
			t.Errorf("the second token is the first: %v", err)
		}
	})

	for _, bad := range []struct{ what, name, password string }{
		{"a wrong password", "Ann", "long enough too"},
		{"a trimmed password", "Ann", "long enough"},
		{"no password", "Ann", ""},
		{"a password that is too long to be one", "Ann", strings.Repeat("x", 1<<20)},
		{"an unknown user", "Bob", password},
		{"no user", "", password},
		{"a user without a password", "Tokens only", password},
		{"a user without a password, and none", "Tokens only", ""},
	} {
		t.Run(bad.what+" is refused, like all others and after the same work", func(t *testing.T) {
			hasher.runs, hasher.longest = 0, 0
			token, secret, err := h.users.LogIn(ctx, bad.name, bad.password)
			wantKind(t, err, domain.KindUnauthenticated, "")
			if domain.MessageOf(err) != "wrong name or password" || token != nil || secret != "" {
				t.Errorf("%v, %v, %q", err, token, secret)
			}
			if hasher.runs != 1 || hasher.longest > 1024 {
				t.Errorf("hashed %d times, up to %d bytes", hasher.runs, hasher.longest)
			}
		})
	}

	t.Run("what cannot be told is not a wrong password", func(t *testing.T) {
		hasher.fails = domain.Unavailable(nil, "no memory left")
		_, _, err := h.users.LogIn(ctx, "Ann", password)
		wantKind(t, err, domain.KindUnavailable, "")
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		if _, _, err = h.users.LogIn(cancelled, "Ann", password); err == nil || domain.KindOf(err) == domain.KindUnauthenticated {
			t.Errorf("%v", err)
		}
	})
}

// counting is reversing, and counts what it is asked to compare.
type counting struct {
	reversing
	runs, longest int
	fails         error
}

func (c *counting) Matches(ctx context.Context, password, hash string) (bool, error) {
	c.runs++
	c.longest = max(c.longest, len(password))
	if c.fails != nil {
		return false, c.fails
	}
	return c.reversing.Matches(ctx, password, hash)
}
