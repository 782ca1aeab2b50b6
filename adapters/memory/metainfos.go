package memory

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/ports"
)

type metainfos struct{ *Store }

// Metainfos is the Store as a ports.MetainfoRepository.
func (s *Store) Metainfos() ports.MetainfoRepository { return metainfos{s} }

// Sizes implements ports.MetainfoRepository.
func (s metainfos) Sizes(ctx context.Context, torrentIDs []uuid.UUID) (map[uuid.UUID]int64, error) {
	sizes := map[uuid.UUID]int64{}
	err := s.do(ctx, "MetainfoRepository.Sizes", func() error {
		for _, id := range torrentIDs {
			if content, found := s.files[id]; found {
				sizes[id] = int64(len(content))
			}
		}
		return nil
	})
	return sizes, err
}

// Contents implements ports.MetainfoRepository.
func (s metainfos) Contents(ctx context.Context, torrentIDs []uuid.UUID) (map[uuid.UUID][]byte, error) {
	contents := map[uuid.UUID][]byte{}
	err := s.do(ctx, "MetainfoRepository.Contents", func() error {
		for _, id := range torrentIDs {
			if content, found := s.files[id]; found {
				contents[id] = slices.Clone(content)
			}
		}
		return nil
	})
	return contents, err
}
