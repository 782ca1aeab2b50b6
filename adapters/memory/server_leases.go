package memory

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

type serverLeases struct{ *Store }

// ServerLeases is the Store as a ports.ServerLeases.
func (s *Store) ServerLeases() ports.ServerLeases { return serverLeases{s} }

// Claim implements ports.ServerLeases.
func (s serverLeases) Claim(
	ctx context.Context, request ports.LeaseRequest,
) (server *domain.Server, lease *domain.Lease, err error) {
	err = s.do(ctx, "ServerLeases.Claim", func() error {
		record := s.overdue(request)
		if record == nil {
			return nil
		}
		record.lease = &domain.Lease{
			ID: uuid.New(), ServerID: record.server.ID, Owner: request.Owner, Until: domain.Instant(request.Until),
		}
		server, lease = copyServer(record.server), copyOf(record.lease)
		return nil
	})
	return server, lease, err
}

// overdue returns the server that a request is for, nil when none can be had.
func (s serverLeases) overdue(request ports.LeaseRequest) *serverRecord {
	var first *serverRecord
	for _, record := range s.servers {
		server := record.server
		switch {
		case server.DeletedAt != nil, server.LocalNode != request.Node:
			continue
		case record.lease != nil && record.lease.Until.After(request.Now):
			continue
		case request.ServerID != nil && *request.ServerID != server.ID:
			continue
		case request.ServerID == nil && server.NextCheckAt.After(request.Now):
			continue
		}
		if first == nil || server.NextCheckAt.Before(first.server.NextCheckAt) {
			first = record
		}
	}
	return first
}

// leased returns the server that a lease is on, an error when it is lost.
func (s *Store) leased(lease *domain.Lease) (*serverRecord, error) {
	record := s.servers[lease.ServerID]
	if record == nil || record.lease == nil || record.lease.ID != lease.ID || !record.lease.Until.After(s.Now()) {
		return nil, domain.Conflict("the lease on server %s is lost", lease.ServerID)
	}
	return record, nil
}

// Renew implements ports.ServerLeases.
func (s serverLeases) Renew(ctx context.Context, lease *domain.Lease, until time.Time) error {
	return s.do(ctx, "ServerLeases.Renew", func() error {
		record, err := s.leased(lease)
		if err != nil {
			return err
		}
		record.lease.Until = domain.Instant(until)
		return nil
	})
}

// Release implements ports.ServerLeases.
func (s serverLeases) Release(ctx context.Context, lease *domain.Lease, server *domain.Server) error {
	return s.do(ctx, "ServerLeases.Release", func() error {
		record, err := s.leased(lease)
		if err != nil {
			return err
		}
		s.altered = !server.Health.LooksLike(record.server.Health)
		record.server.Health, record.server.NextCheckAt = copyHealth(server.Health), server.NextCheckAt
		record.lease = nil
		return nil
	})
}
