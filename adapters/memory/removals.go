package memory

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

type removals struct{ *Store }

// Removals is the Store as a ports.RemovalRepository.
func (s *Store) Removals() ports.RemovalRepository { return removals{s} }

// Pending implements ports.RemovalRepository.
func (s removals) Pending(ctx context.Context, serverID uuid.UUID) (pending []domain.PendingRemoval, err error) {
	err = s.do(ctx, "RemovalRepository.Pending", func() error {
		for _, removal := range s.removals {
			if removal.ServerID == serverID {
				pending = append(pending, domain.PendingRemoval{Removal: removal, StillNeeded: s.needs(serverID, removal.InfoHash)})
			}
		}
		slices.SortStableFunc(pending, func(a, b domain.PendingRemoval) int { return a.CreatedAt.Compare(b.CreatedAt) })
		return nil
	})
	return pending, err
}

// needs reports whether a torrent of the server wants the transfer to stay.
func (s removals) needs(serverID uuid.UUID, hash domain.InfoHash) bool {
	server := s.servers[serverID].server
	for _, torrent := range s.torrents {
		if torrent.ServerID == serverID && torrent.InfoHash() == hash && torrent.DeletedAt == nil &&
			(torrent.Open() || torrent.Seeding || torrent.PolicyOn(*server).OnComplete != domain.OnCompleteRemove) {
			return true
		}
	}
	return false
}

// Finish implements ports.RemovalRepository.
func (s removals) Finish(ctx context.Context, ids []uuid.UUID) error {
	return s.do(ctx, "RemovalRepository.Finish", func() error {
		s.removals = slices.DeleteFunc(s.removals, func(removal domain.Removal) bool { return slices.Contains(ids, removal.ID) })
		return nil
	})
}
