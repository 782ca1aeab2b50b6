package memory

import (
	"bytes"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

type tokens struct{ *Store }

// Tokens is the Store as a ports.TokenRepository.
func (s *Store) Tokens() ports.TokenRepository { return tokens{s} }

// hashed returns the stored token of a hash, nil if none.
func (s tokens) hashed(hash string) *domain.Token {
	for _, token := range s.tokens {
		if token.Hash == hash {
			return token
		}
	}
	return nil
}

// Add implements ports.TokenRepository.
func (s tokens) Add(ctx context.Context, token *domain.Token) error {
	return s.do(ctx, "TokenRepository.Add", func() error {
		if s.tokens[token.ID] != nil || s.hashed(token.Hash) != nil {
			return domain.Conflict("there is such a token already")
		}
		s.tokens[token.ID] = copyToken(token)
		return nil
	})
}

// GetByHash implements ports.TokenRepository.
func (s tokens) GetByHash(ctx context.Context, hash string) (found *domain.Token, err error) {
	err = s.do(ctx, "TokenRepository.GetByHash", func() error {
		token := s.hashed(hash)
		if token == nil {
			return domain.NotFound("there is no such token")
		}
		found = copyToken(token)
		return nil
	})
	return found, err
}

// Find implements ports.TokenRepository.
func (s tokens) Find(ctx context.Context, userID *uuid.UUID) (found []*domain.Token, err error) {
	err = s.do(ctx, "TokenRepository.Find", func() error {
		for _, token := range s.tokens {
			if userID == nil || token.UserID == *userID {
				found = append(found, copyToken(token))
			}
		}
		slices.SortFunc(found, func(a, b *domain.Token) int {
			if order := a.CreatedAt.Compare(b.CreatedAt); order != 0 {
				return order
			}
			return bytes.Compare(a.ID[:], b.ID[:])
		})
		return nil
	})
	return found, err
}

// Update implements ports.TokenRepository.
func (s tokens) Update(ctx context.Context, id uuid.UUID, change func(*domain.Token) error) (updated *domain.Token, err error) {
	err = s.do(ctx, "TokenRepository.Update", func() error {
		stored := s.tokens[id]
		if stored == nil {
			return domain.NotFound("there is no token %s", id)
		}
		token := copyToken(stored)
		if err := change(token); err != nil {
			return err
		}
		s.tokens[id], updated = copyToken(token), token
		return nil
	})
	return updated, err
}
