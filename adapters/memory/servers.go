package memory

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// serverRecord is a server and the lease on it, if any.
type serverRecord struct {
	server *domain.Server
	lease  *domain.Lease
}

type servers struct{ *Store }

// Servers is the Store as a ports.ServerRepository.
func (s *Store) Servers() ports.ServerRepository { return servers{s} }

// liveServer returns a stored server, nil when there is none or it was removed.
func (s *Store) liveServer(id uuid.UUID) *domain.Server {
	if record := s.servers[id]; record != nil && record.server.DeletedAt == nil {
		return record.server
	}
	return nil
}

// Add implements ports.ServerRepository.
func (s servers) Add(ctx context.Context, server *domain.Server) error {
	return s.do(ctx, "ServerRepository.Add", func() error {
		if _, taken := s.servers[server.ID]; taken {
			return domain.Conflict("there is a server %s already", server.ID)
		}
		s.servers[server.ID], s.altered = &serverRecord{server: copyServer(server)}, true
		return nil
	})
}

// Get implements ports.ServerRepository.
func (s servers) Get(ctx context.Context, id uuid.UUID) (found *domain.Server, err error) {
	err = s.do(ctx, "ServerRepository.Get", func() error {
		server := s.liveServer(id)
		if server == nil {
			return noServer(id)
		}
		found = copyServer(server)
		return nil
	})
	return found, err
}

func noServer(id uuid.UUID) error { return domain.NotFound("there is no server %s", id) }

// Find implements ports.ServerRepository.
func (s servers) Find(ctx context.Context, filter domain.ServerFilter) (found []*domain.Server, err error) {
	err = s.do(ctx, "ServerRepository.Find", func() error {
		for id, record := range s.servers {
			server := record.server
			if (filter.IDs == nil || slices.Contains(filter.IDs, id)) &&
				(filter.LocalNode == "" || server.LocalNode == filter.LocalNode) &&
				(filter.WithRemoved || server.DeletedAt == nil) {
				found = append(found, copyServer(server))
			}
		}
		slices.SortFunc(found, byAge)
		return nil
	})
	return found, err
}

// Update implements ports.ServerRepository.
func (s servers) Update(ctx context.Context, id uuid.UUID, change func(*domain.Server) error) (updated *domain.Server, err error) {
	err = s.do(ctx, "ServerRepository.Update", func() error {
		updated, err = s.change(id, change)
		return err
	})
	return updated, err
}

// change alters a live server and ends the lease on it.
func (s servers) change(id uuid.UUID, change func(*domain.Server) error) (*domain.Server, error) {
	stored := s.liveServer(id)
	if stored == nil {
		return nil, noServer(id)
	}
	server := copyServer(stored)
	if err := change(server); err != nil {
		return nil, err
	}
	s.servers[id], s.altered = &serverRecord{server: copyServer(server)}, true
	return server, nil
}

// Remove implements ports.ServerRepository.
func (s servers) Remove(ctx context.Context, id uuid.UUID, change func(server *domain.Server, openTorrents int) error) error {
	return s.do(ctx, "ServerRepository.Remove", func() error {
		server, err := s.change(id, func(server *domain.Server) error { return change(server, s.openTorrents(id)) })
		if err == nil && server.DeletedAt != nil {
			s.removals = slices.DeleteFunc(s.removals, func(removal domain.Removal) bool { return removal.ServerID == id })
		}
		return err
	})
}
