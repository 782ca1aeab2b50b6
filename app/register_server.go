package app

import (
	"context"
	"crypto/sha256"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// Register adds a server to this node. Nothing is asked of it: one that is away
// now is checked until it is there. KindInvalid names each field at fault.
func (a *Servers) Register(ctx context.Context, actor domain.Actor, input ServerSettings) (*domain.Server, error) {
	if err := actor.RequireAdministrator(manageServers); err != nil {
		return nil, err
	}
	server, err := domain.NewServer(a.Node, input.Address.Value, input.Type.Value, a.Now())
	if err != nil {
		return nil, err
	}
	if err := input.apply(server, a.Now()); err != nil {
		return nil, err
	}
	if err := a.usable(server); err != nil {
		a.Clients.Forget(server.ID)
		return nil, err
	}
	if err := a.Repository.Add(ctx, server); err != nil {
		a.Clients.Forget(server.ID)
		return nil, err
	}
	a.Nudge(server.ID)
	return server, nil
}

// RegisterFirst gives this node its first server, if the installation never had
// one, so that torrents can be added with no other software. Replicas that start
// together make one server, not several.
func (a *Servers) RegisterFirst(ctx context.Context, kind domain.ClientType, address string) error {
	servers, err := a.Repository.Find(ctx, domain.ServerFilter{WithRemoved: true})
	if err != nil || len(servers) > 0 {
		return err
	}
	server, err := domain.NewServer(a.Node, address, kind, a.Now())
	if err != nil {
		return err
	}
	server.ID = firstServerID(a.Node)
	if err := a.Repository.Add(ctx, server); err != nil && domain.KindOf(err) != domain.KindConflict {
		return err
	}
	return nil
}

// firstServerID is the same for all replicas of a node, and looks like the random
// ids that clients expect (RFC 9562, version 4).
func firstServerID(node string) uuid.UUID {
	sum := sha256.Sum256([]byte("first server of node " + node))
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// Test asks a server's client whether it can be reached and says what it is. It
// changes nothing. KindUnavailable tells why it cannot, also of a server that
// another node looks after.
func (a *Servers) Test(ctx context.Context, actor domain.Actor, id uuid.UUID) (domain.ClientInfo, error) {
	if err := actor.RequireAdministrator(manageServers); err != nil {
		return domain.ClientInfo{}, err
	}
	server, err := a.Repository.Get(ctx, id)
	if err != nil {
		return domain.ClientInfo{}, err
	}
	// Its address need not mean the same from here, and an embedded client is in
	// one process only.
	if server.LocalNode != a.Node {
		return domain.ClientInfo{}, domain.Unavailable(nil, "server %s is looked after by node %s", server.ID, server.LocalNode)
	}
	client, err := a.Clients.Open(*server)
	if err != nil {
		return domain.ClientInfo{}, err
	}
	return client.Probe(ctx)
}

// TestSettings is Test for a server that has not been added yet.
func (a *Servers) TestSettings(ctx context.Context, actor domain.Actor, input ServerSettings) (info domain.ClientInfo, err error) {
	if err := actor.RequireAdministrator(manageServers); err != nil {
		return info, err
	}
	server, err := domain.NewServer(a.Node, input.Address.Value, input.Type.Value, a.Now())
	if err != nil {
		return info, err
	}
	if err := input.apply(server, a.Now()); err != nil {
		return info, err
	}
	defer a.Clients.Forget(server.ID)
	client, err := a.Clients.Open(*server)
	if err != nil {
		return info, err
	}
	return client.Probe(ctx)
}
