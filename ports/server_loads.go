package ports

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// ServerLoads tells what is on servers.
type ServerLoads interface {
	// Candidates returns the live servers of a node, oldest first, with their open
	// torrents counted, in one query. Those that are neither paused nor in trouble are
	// counted only if active. Nothing is Promised.
	Candidates(ctx context.Context, node string, active bool) ([]domain.Candidate, error)

	// Holders tells on which live servers of a node the contents are, in no order and in
	// one query (for a thousand): where a live torrent with the infohash is open, or
	// seeding, or has completed and is kept after that. What is nowhere may be absent.
	Holders(ctx context.Context, node string, hashes []domain.InfoHash) (map[domain.InfoHash][]uuid.UUID, error)

	// Begun tells which of the contents the client of a server has taken, in one query
	// (for a thousand): those of Holders there, but for a torrent that has Begun. What it
	// has not may be absent.
	Begun(ctx context.Context, serverID uuid.UUID, hashes []domain.InfoHash) (map[domain.InfoHash]bool, error)
}
