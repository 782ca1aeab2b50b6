package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

type serverLoads struct{ *Store }

// ServerLoads is the Store as a ports.ServerLoads.
func (s *Store) ServerLoads() ports.ServerLoads { return serverLoads{s} }

// Candidates implements ports.ServerLoads.
func (s serverLoads) Candidates(ctx context.Context, node string, active bool) (candidates []domain.Candidate, err error) {
	err = s.do(ctx, "ServerLoads.Candidates", func() error {
		for _, server := range s.serversOf(node) {
			candidate := domain.Candidate{Server: copyServer(server)}
			for _, torrent := range s.torrents {
				if !torrent.Open() || torrent.ServerID != server.ID {
					continue
				}
				candidate.Open++
				if active && torrent.Problem == nil && !torrent.Paused {
					candidate.Active++
				}
			}
			candidates = append(candidates, candidate)
		}
		return nil
	})
	return candidates, err
}

// serversOf lists the live servers of a node, oldest first.
func (s *Store) serversOf(node string) []*domain.Server {
	var servers []*domain.Server
	for _, record := range s.servers {
		if record.server.LocalNode == node && record.server.DeletedAt == nil {
			servers = append(servers, record.server)
		}
	}
	slices.SortFunc(servers, byAge)
	return servers
}

// byAge orders servers, oldest first.
func byAge(a, b *domain.Server) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), slices.Compare(a.ID[:], b.ID[:]))
}

// Holders implements ports.ServerLoads.
func (s serverLoads) Holders(
	ctx context.Context, node string, hashes []domain.InfoHash,
) (holders map[domain.InfoHash][]uuid.UUID, err error) {
	err = s.do(ctx, "ServerLoads.Holders", func() error {
		holders = map[domain.InfoHash][]uuid.UUID{}
		for _, server := range s.serversOf(node) {
			held := s.held(server, false)
			for _, hash := range hashes {
				if held[hash] && !slices.Contains(holders[hash], server.ID) {
					holders[hash] = append(holders[hash], server.ID)
				}
			}
		}
		return nil
	})
	return holders, err
}

// Begun implements ports.ServerLoads.
func (s serverLoads) Begun(
	ctx context.Context, serverID uuid.UUID, hashes []domain.InfoHash,
) (begun map[domain.InfoHash]bool, err error) {
	err = s.do(ctx, "ServerLoads.Begun", func() error {
		begun = map[domain.InfoHash]bool{}
		record, found := s.servers[serverID]
		if !found || record.server.DeletedAt != nil {
			return nil
		}
		held := s.held(record.server, true)
		for _, hash := range hashes {
			if held[hash] {
				begun[hash] = true
			}
		}
		return nil
	})
	return begun, err
}

// held is the content that is to be on a server; if begun, only what its client has
// taken.
func (s *Store) held(server *domain.Server, begun bool) map[domain.InfoHash]bool {
	held := map[domain.InfoHash]bool{}
	for _, torrent := range s.torrents {
		if torrent.ServerID == server.ID && torrent.DeletedAt == nil && (torrent.Begun || !begun) &&
			(torrent.Open() || torrent.Seeding || torrent.PolicyOn(*server).OnComplete != domain.OnCompleteRemove) {
			held[torrent.InfoHash()] = true
		}
	}
	return held
}

// openTorrents counts the open torrents of a server.
func (s *Store) openTorrents(serverID uuid.UUID) int {
	count := 0
	for _, torrent := range s.torrents {
		if torrent.Open() && torrent.ServerID == serverID {
			count++
		}
	}
	return count
}
