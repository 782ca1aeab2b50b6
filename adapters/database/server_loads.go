package database

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// ServerLoads tells what is on servers.
type ServerLoads struct{ db *DB }

var _ ports.ServerLoads = (*ServerLoads)(nil)

// openOn counts the open torrents of the server s.
const openOn = "(SELECT count(*) FROM torrents AS t WHERE t.server_id = s.id AND t.completed_at IS NULL AND t.deleted_at IS NULL"

// Candidates returns the live servers of a node, with their open torrents counted.
// These alone are counted in an index; to know of problems and pauses, rows must be read.
func (s *ServerLoads) Candidates(ctx context.Context, node string, active bool) ([]domain.Candidate, error) {
	var rows []struct {
		serverRow `bun:",extend"`
		Open      int `bun:"open,scanonly"`
		Active    int `bun:"active,scanonly"`
	}
	query := s.db.bun.NewSelect().Model(&rows).ColumnExpr("?TableColumns").ColumnExpr(openOn+") AS open").
		Where("s.local_node = ?", node).Where("s.deleted_at IS NULL")
	if active {
		query.ColumnExpr(openOn + " AND t.problem_code IS NULL AND NOT t.paused) AS active")
	}
	if err := query.Scan(ctx); err != nil {
		return nil, translate(ctx, err)
	}
	candidates := make([]domain.Candidate, len(rows))
	for i := range rows {
		candidates[i] = domain.Candidate{
			Server:     s.db.toServer(ctx, &rows[i].serverRow),
			ServerLoad: domain.ServerLoad{Open: rows[i].Open, Active: rows[i].Active},
		}
	}
	slices.SortFunc(candidates, func(a, b domain.Candidate) int { return byAge(a.Server, b.Server) })
	return candidates, nil
}

// byAge orders servers, oldest first.
func byAge(a, b *domain.Server) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), slices.Compare(a.ID[:], b.ID[:]))
}

// hashesAtOnce is how many infohashes one statement asks for.
const hashesAtOnce = 1_000

// Holders tells on which live servers of a node contents are.
func (s *ServerLoads) Holders(ctx context.Context, node string, hashes []domain.InfoHash) (map[domain.InfoHash][]uuid.UUID, error) {
	holders := map[domain.InfoHash][]uuid.UUID{}
	err := s.held(ctx, hashes, func(query *bun.SelectQuery) { query.Where("s.local_node = ?", node) }, func(hash domain.InfoHash, on uuid.UUID) {
		holders[hash] = append(holders[hash], on)
	})
	return holders, err
}

// Begun tells which contents the client of a server has taken. That of an accepted
// torrent it has, whatever a process of a version without that column wrote.
func (s *ServerLoads) Begun(ctx context.Context, serverID uuid.UUID, hashes []domain.InfoHash) (map[domain.InfoHash]bool, error) {
	begun := map[domain.InfoHash]bool{}
	err := s.held(ctx, hashes, func(query *bun.SelectQuery) {
		query.Where("t.server_id = ?", serverID).Where("(t.begun OR t.accepted_at IS NOT NULL)")
	}, func(hash domain.InfoHash, _ uuid.UUID) { begun[hash] = true })
	return begun, err
}

// held yields the live servers that contents are on, as far as narrow leaves them.
func (s *ServerLoads) held(
	ctx context.Context, hashes []domain.InfoHash, narrow func(*bun.SelectQuery), yield func(domain.InfoHash, uuid.UUID),
) error {
	texts := make([]string, 0, len(hashes))
	for _, hash := range hashes {
		if !hash.IsZero() {
			texts = append(texts, hash.String())
		}
	}
	slices.Sort(texts)
	for some := range slices.Chunk(slices.Compact(texts), hashesAtOnce) {
		var rows []struct {
			InfoHash string    `bun:"info_hash"`
			ServerID uuid.UUID `bun:"server_id"`
		}
		query := s.db.bun.NewSelect().Model((*torrentRow)(nil)).ColumnExpr("t.info_hash, t.server_id").
			Join("JOIN torrent_servers AS s ON s.id = t.server_id").
			Where("t.info_hash IN (?)", bun.List(some)).Where("t.deleted_at IS NULL").Where("s.deleted_at IS NULL").
			Where("(t.completed_at IS NULL OR t.seeding OR coalesce(t.on_complete, s.on_complete) <> ?)", domain.OnCompleteRemove).
			GroupExpr("t.info_hash, t.server_id")
		narrow(query)
		if err := query.Scan(ctx, &rows); err != nil {
			return translate(ctx, err)
		}
		for _, row := range rows {
			if hash, err := domain.ParseInfoHash(row.InfoHash); err == nil {
				yield(hash, row.ServerID)
			}
		}
	}
	return ctx.Err()
}
