package memory

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

type idempotencyKeys struct{ *Store }

// userKey is what tells one key from another.
type userKey struct {
	user uuid.UUID
	text string
}

// IdempotencyKeys is the Store as a ports.IdempotencyKeys.
func (s *Store) IdempotencyKeys() ports.IdempotencyKeys { return idempotencyKeys{s} }

// Torrents implements ports.IdempotencyKeys.
func (s idempotencyKeys) Torrents(ctx context.Context, userID uuid.UUID, keys []string) (found map[string]domain.KeyedTorrent, err error) {
	err = s.do(ctx, "IdempotencyKeys.Torrents", func() error {
		found = map[string]domain.KeyedTorrent{}
		for _, text := range keys {
			if key, taken := s.keys[userKey{userID, text}]; taken {
				found[text] = domain.KeyedTorrent{IdempotencyKey: key, Torrent: copyTorrent(s.torrents[key.TorrentID])}
			}
		}
		return nil
	})
	return found, err
}

// taken reports whether a key that new torrents have claimed is used already, if
// only by another of them.
func (s *Store) taken(added []*domain.Torrent) bool {
	claimed := map[userKey]bool{}
	for _, torrent := range added {
		if key := torrent.Key(); key != nil {
			k := userKey{key.UserID, key.Text}
			if _, stored := s.keys[k]; stored || claimed[k] {
				return true
			}
			claimed[k] = true
		}
	}
	return false
}
