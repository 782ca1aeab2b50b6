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

// CountBy implements ports.TorrentCounts.
func (s torrentCounts) CountBy(ctx context.Context, filter domain.TorrentFilter) (counts domain.TorrentCounts, err error) {
	err = s.do(ctx, "TorrentCounts.CountBy", func() error {
		statuses, servers, users := map[domain.Status]int{}, map[uuid.UUID]int{}, map[uuid.UUID]int{}
		for torrent := range s.matching(filter) {
			statuses[torrent.Status()]++
			servers[torrent.ServerID]++
			if torrent.UserID == nil {
				users[uuid.Nil]++
			} else {
				users[*torrent.UserID]++
			}
		}
		counts = domain.NewTorrentCounts(statuses, servers, users)
		return nil
	})
	return counts, err
}
