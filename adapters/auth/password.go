package auth

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/alexedwards/argon2id"
)

// hashing is OWASP's first choice for argon2id: 19 MiB, two rounds, one lane;
// about 35 ms.
var hashing = argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// What a stored hash can make us spend: 256 MiB (counted in KiB), and 16 rounds.
const (
	maxHashMemory     = 256 << 10
	maxHashIterations = 16
)

// concurrentHashes is how many passwords are hashed at a time: the memory of each
// would otherwise make a login form a way to exhaust the machine.
const concurrentHashes = 2

// PasswordHasher hashes passwords with argon2id.
type PasswordHasher struct {
	turn chan struct{}
}

// NewPasswordHasher makes a PasswordHasher. One is enough for a process.
func NewPasswordHasher() *PasswordHasher {
	return &PasswordHasher{turn: make(chan struct{}, concurrentHashes)}
}

// Hash returns the encoded, salted hash of password.
func (h *PasswordHasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.waitForTurn(ctx); err != nil {
		return "", err
	}
	defer func() { <-h.turn }()
	return argon2id.CreateHash(password, &hashing)
}

// Matches reports whether password is the one behind hash. Without a usable hash
// it works as long and says no, so that the time does not tell who has a
// password.
func (h *PasswordHasher) Matches(ctx context.Context, password, hash string) (bool, error) {
	if err := h.waitForTurn(ctx); err != nil {
		return false, err
	}
	defer func() { <-h.turn }()
	if !usable(hash) {
		_, err := argon2id.CreateHash(password, &hashing)
		return false, err
	}
	return argon2id.ComparePasswordAndHash(password, hash)
}

func (h *PasswordHasher) waitForTurn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err // select would choose at random
	}
	select {
	case h.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// usable reports whether hash can be compared with, within reason. The library
// passes over what stands around the parts that it reads, allocates as it is told
// to, and panics on zeroes.
func usable(hash string) bool {
	params, salt, key, err := argon2id.DecodeHash(hash)
	if err != nil || len(key) == 0 || params.Memory > maxHashMemory || params.Parallelism == 0 ||
		params.Iterations == 0 || params.Iterations > maxHashIterations {
		return false
	}
	encode := base64.RawStdEncoding.EncodeToString
	return hash == fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s",
		params.Memory, params.Iterations, params.Parallelism, encode(salt), encode(key))
}
