package memory

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

type torrentCounts struct{ *Store }

// TorrentCounts is the Store as a ports.TorrentCounts.
func (s *Store) TorrentCounts() ports.TorrentCounts { return torrentCounts{s} }

// Count implements ports.TorrentCounts.
func (s torrentCounts) Count(ctx context.Context, filter domain.TorrentFilter) (count int, err error) {
	err = s.do(ctx, "TorrentCounts.Count", func() error {
		for range s.matching(filter) {
			count++
		}
		return nil
	})
	return count, err
}

// CountOnServers implements ports.TorrentCounts.
func (s torrentCounts) CountOnServers(
	ctx context.Context, serverIDs []uuid.UUID, filter domain.TorrentFilter,
) (counts map[uuid.UUID]int, err error) {
	err = s.do(ctx, "TorrentCounts.CountOnServers", func() error {
		counts = make(map[uuid.UUID]int, len(serverIDs))
		for _, id := range serverIDs {
			counts[id] = 0
		}
		for torrent := range s.matching(filter) {
			if _, asked := counts[torrent.ServerID]; asked {
				counts[torrent.ServerID]++
			}
		}
		return nil
	})
	return counts, err
}

// Groups implements ports.TorrentCounts.
func (s torrentCounts) Groups(ctx context.Context, filter domain.TorrentFilter) (groups []domain.TorrentGroup, err error) {
	type alike struct {
		status       domain.Status
		server, user uuid.UUID
	}
	err = s.do(ctx, "TorrentCounts.Groups", func() error {
		counts := map[alike]int{}
		for torrent := range s.matching(filter) {
			key := alike{status: torrent.Status(), server: torrent.ServerID}
			if torrent.UserID != nil {
				key.user = *torrent.UserID
			}
			counts[key]++
		}
		for key, count := range counts {
			group := domain.TorrentGroup{Status: key.status, ServerID: key.server, Count: count}
			if key.user != uuid.Nil {
				group.UserID = &key.user
			}
			groups = append(groups, group)
		}
		return nil
	})
	return groups, err
}
