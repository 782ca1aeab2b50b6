package ports

import "context"

// PasswordHasher makes passwords safe to keep.
type PasswordHasher interface {
	// Hash returns an encoded, salted hash. It may wait for its turn, since each
	// run is costly in memory.
	Hash(ctx context.Context, password string) (string, error)

	// Matches reports whether password is the one behind hash. An empty or
	// malformed hash matches nothing, after the time that a real one takes.
	Matches(ctx context.Context, password, hash string) (bool, error)
}
