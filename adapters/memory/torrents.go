package memory

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

type torrents struct{ *Store }

// Torrents is the Store as a ports.TorrentRepository.
func (s *Store) Torrents() ports.TorrentRepository { return torrents{s} }

// Add implements ports.TorrentRepository.
func (s torrents) Add(ctx context.Context, added ...*domain.Torrent) error {
	return s.do(ctx, "TorrentRepository.Add", func() error {
		for _, torrent := range added {
			if s.liveServer(torrent.ServerID) == nil {
				return domain.Invalid("serverId", "there is no server %s", torrent.ServerID)
			}
			if _, taken := s.torrents[torrent.ID]; taken {
				return domain.Conflict("there is a torrent %s already", torrent.ID)
			}
		}
		if s.taken(added) {
			return domain.KeyTaken()
		}
		s.save(added)
		return nil
	})
}

// Get implements ports.TorrentRepository.
func (s torrents) Get(ctx context.Context, id uuid.UUID) (found *domain.Torrent, err error) {
	err = s.do(ctx, "TorrentRepository.Get", func() error {
		torrent := s.torrents[id]
		if torrent == nil || torrent.DeletedAt != nil {
			return domain.NotFound("there is no torrent %s", id)
		}
		found = copyTorrent(torrent)
		return nil
	})
	return found, err
}

// Find implements ports.TorrentRepository.
func (s torrents) Find(ctx context.Context, filter domain.TorrentFilter, page domain.TorrentPage) (found []*domain.Torrent, err error) {
	err = s.do(ctx, "TorrentRepository.Find", func() error {
		found = s.page(filter, page)
		return nil
	})
	return found, err
}

// Update implements ports.TorrentRepository.
func (s torrents) Update(
	ctx context.Context, ids []uuid.UUID, lease *domain.Lease, change func(*domain.Torrent) error,
) (updated []*domain.Torrent, err error) {
	err = s.do(ctx, "TorrentRepository.Update", func() error {
		if lease != nil {
			if _, err := s.leased(lease); err != nil {
				return err
			}
		}
		changed := make([]*domain.Torrent, 0, len(ids))
		seen := make(map[uuid.UUID]bool, len(ids))
		for _, id := range ids {
			stored := s.torrents[id]
			if stored == nil || seen[id] {
				continue
			}
			seen[id] = true
			torrent := copyTorrent(stored)
			if err := change(torrent); err != nil {
				return err
			}
			if opens(stored, torrent) && s.liveServer(torrent.ServerID) == nil {
				return domain.Invalid("serverId", "there is no server %s", torrent.ServerID)
			}
			changed = append(changed, torrent)
		}
		s.save(changed)
		for _, torrent := range changed {
			updated = append(updated, copyTorrent(torrent))
		}
		return nil
	})
	return updated, err
}

var oldestFirst = domain.TorrentOrder{By: domain.OrderByCreated, Ascending: true}

// opens reports whether a change gives a server an open torrent.
func opens(before, after *domain.Torrent) bool {
	return after.Open() && (!before.Open() || after.ServerID != before.ServerID)
}

// Open implements ports.TorrentRepository.
func (s torrents) Open(ctx context.Context, serverID uuid.UUID) (open []domain.OpenTorrent, err error) {
	err = s.do(ctx, "TorrentRepository.Open", func() error {
		var found []*domain.Torrent
		for _, torrent := range s.torrents {
			if torrent.Attended() && torrent.ServerID == serverID {
				found = append(found, torrent)
			}
		}
		slices.SortFunc(found, func(a, b *domain.Torrent) int { return oldestFirst.Compare(a.Place(), b.Place()) })
		for _, torrent := range found {
			open = append(open, openTorrent(torrent))
		}
		return nil
	})
	return open, err
}

func openTorrent(torrent *domain.Torrent) domain.OpenTorrent {
	open := domain.OpenTorrent{
		ID: torrent.ID, InfoHash: torrent.InfoHash(), Accepted: torrent.AcceptedAt != nil,
		Named:        torrent.Name != "" && torrent.Name != torrent.HashString,
		MissingSince: copyOf(torrent.MissingSince), Unapplied: torrent.Unapplied,
	}
	if torrent.CompletedAt != nil {
		open.Completed = &domain.CompletedTorrent{
			At: *torrent.CompletedAt, Seeding: torrent.Seeding, SeedingWish: copySeedingWish(torrent.SeedingWish),
		}
	}
	if torrent.Problem != nil {
		open.ProblemCode, open.RetryAt = torrent.Problem.Code, copyOf(torrent.Problem.RetryAt)
	}
	return open
}
