package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// ClarionSource is the database of a Clarion host, of live rows alone.
type ClarionSource struct {
	servers  []domain.ClarionServer
	torrents []domain.ClarionTorrent
}

var _ ports.ClarionSource = (*ClarionSource)(nil)

// NewClarionSource returns a database of these rows.
func NewClarionSource(servers []domain.ClarionServer, torrents []domain.ClarionTorrent) *ClarionSource {
	s := &ClarionSource{servers: slices.Clone(servers), torrents: slices.Clone(torrents)}
	slices.SortFunc(s.servers, func(a, b domain.ClarionServer) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(s.torrents, func(a, b domain.ClarionTorrent) int { return cmp.Compare(a.ID, b.ID) })
	return s
}

// Servers implements ports.ClarionSource.
func (s *ClarionSource) Servers(ctx context.Context) ([]domain.ClarionServer, error) {
	return slices.Clone(s.servers), ctx.Err()
}

// Torrents implements ports.ClarionSource.
func (s *ClarionSource) Torrents(ctx context.Context, after string, limit int) ([]domain.ClarionTorrent, error) {
	first := slices.IndexFunc(s.torrents, func(t domain.ClarionTorrent) bool { return t.ID > after })
	if first < 0 {
		return nil, ctx.Err()
	}
	return slices.Clone(s.torrents[first:min(first+limit, len(s.torrents))]), ctx.Err()
}
