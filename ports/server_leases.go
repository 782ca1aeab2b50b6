package ports

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// LeaseRequest asks for the right to check a server.
type LeaseRequest struct {
	// Node: only servers of this node.
	Node string
	// Owner names the asking process, for people to see.
	Owner string
	// ServerID asks for this server, due or not; nil for the one longest overdue.
	ServerID *uuid.UUID
	// Now and Until bound the lease.
	Now, Until time.Time
}

// ServerLeases decides, over all processes on one database, who checks which
// server: at most one at a time, and another once a lease has run out.
type ServerLeases interface {
	// Claim returns a live server and a lease on it, of a new id, or nil and no
	// error when none can be had: not due, leased already (by whomever), or not
	// there.
	Claim(ctx context.Context, request LeaseRequest) (*domain.Server, *domain.Lease, error)

	// Renew prolongs a lease; KindConflict when it is lost. It leaves lease as it
	// is, which others may be working under meanwhile.
	Renew(ctx context.Context, lease *domain.Lease, until time.Time) error

	// Release saves the server's Health and NextCheckAt and ends the lease;
	// KindConflict, and nothing saved, when it is lost. When the server looks
	// different to people now, EventSignal hints as if the log had grown.
	Release(ctx context.Context, lease *domain.Lease, server *domain.Server) error
}
