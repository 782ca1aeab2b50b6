package portstest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/ports"
)

// PasswordHasher is the contract of ports.PasswordHasher.
func PasswordHasher(t *testing.T, hasher ports.PasswordHasher) {
	t.Helper()
	hash := func(t *testing.T, password string) string {
		t.Helper()
		hash, err := hasher.Hash(t.Context(), password)
		ok(t, err)
		return hash
	}
	matches := func(t *testing.T, password, hash string) bool {
		t.Helper()
		matches, err := hasher.Matches(t.Context(), password, hash)
		ok(t, err)
		return matches
	}
	const password = "correct horse – pässwörd 🔑"
	for name, fact := range map[string]func(t *testing.T){
		"a password matches its own hash and no other does": func(t *testing.T) {
			hash := hash(t, password)
			if !matches(t, password, hash) {
				t.Error("the right one does not")
			}
			for _, wrong := range []string{"", password + " ", password[1:], strings.ToUpper(password), password + "\x00", hash} {
				if matches(t, wrong, hash) {
					t.Errorf("%q does", wrong)
				}
			}
		},
		"the whole of a long password counts": func(t *testing.T) {
			long := strings.Repeat("x", 200)
			hash := hash(t, long+"a")
			if !matches(t, long+"a", hash) || matches(t, long+"b", hash) || matches(t, long, hash) {
				t.Error("its end does not")
			}
		},
		"what follows a null byte counts": func(t *testing.T) {
			if matches(t, "before\x00other", hash(t, "before\x00after")) {
				t.Error("it does not")
			}
		},
		"a hash is salted and does not show the password": func(t *testing.T) {
			first, second := hash(t, password), hash(t, password)
			if first == second {
				t.Error("two hashes of one password are equal")
			}
			if strings.Contains(first, password) {
				t.Error("the hash shows it")
			}
			if len(first) > 255 || strings.ContainsAny(first, "\n\r\x00") {
				t.Errorf("%q does not fit a column", first)
			}
		},
		"an empty or malformed hash matches nothing": func(t *testing.T) {
			real := hash(t, password)
			for _, broken := range append(broken(real), "", " ", password, "$", "$$$$$", "not a hash", "$2a$10$abc", strings.Repeat("$", 500)) {
				if matches(t, password, broken) {
					t.Errorf("the password matches %q", broken)
				}
			}
			if matches(t, "", "") {
				t.Error("no password matches no hash")
			}
		},
		"an ended context ends hashing": func(t *testing.T) {
			real := hash(t, password)
			refuses(t, map[string]func(ctx context.Context) error{
				"Hash":    func(ctx context.Context) error { _, err := hasher.Hash(ctx, password); return err },
				"Matches": func(ctx context.Context) error { _, err := hasher.Matches(ctx, password, real); return err },
			})
			if !matches(t, password, real) {
				t.Error("a turn was lost")
			}
		},
		"many callers at the same moment all get their turn": func(t *testing.T) {
			real := hash(t, password)
			for _, err := range together(8, func(int) error {
				_, err := hasher.Matches(t.Context(), password, real)
				return err
			}) {
				ok(t, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fact(t)
		})
	}
	t.Run("no hash takes as long as a real one", func(t *testing.T) { // alone, since it looks at the clock
		real := hash(t, password)
		took := fastest(func() { matches(t, "wrong", real) })
		for _, none := range []string{"", "malformed"} {
			if quick := fastest(func() { matches(t, "wrong", none) }); quick < took/4 {
				t.Errorf("%q was answered in %v, a real hash in %v", none, quick, took)
			}
		}
	})
}

// broken returns a hash cut and spoilt in ways that a decoder might let pass.
func broken(hash string) []string {
	last := hash[len(hash)-4:]
	return []string{
		hash[:len(hash)/2], hash[:strings.LastIndex(hash, hash[len(hash)-1:])], hash[1:], "x" + hash,
		strings.TrimSuffix(hash, last), strings.ToUpper(hash), strings.ReplaceAll(hash, "$", ""),
	}
}

// fastest is the shortest of some runs, which is the least disturbed.
func fastest(do func()) time.Duration {
	best := time.Duration(1<<63 - 1)
	for range 5 {
		start := time.Now()
		do()
		best = min(best, time.Since(start))
	}
	return best
}
