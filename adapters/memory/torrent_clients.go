package memory

import (
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

var _ ports.TorrentClients = (*TorrentClients)(nil)

// TorrentClientType is the type that NewTorrentClients offers unless told
// otherwise.
const TorrentClientType domain.ClientType = "Memory"

// TorrentClients keeps one TorrentDaemon for each server id, whatever the
// server's address, so that a test finds it by Daemon.
type TorrentClients struct {
	types []domain.ClientType

	mu      sync.Mutex
	lacks   domain.Capabilities
	daemons map[uuid.UUID]*TorrentDaemon
	open    map[uuid.UUID]openTorrentClient
}

type openTorrentClient struct {
	key    torrentClientKey
	client *TorrentClient
}

type torrentClientKey struct {
	kind        domain.ClientType
	address     string
	credentials domain.Credentials
}

// NewTorrentClients returns a list that offers types, or TorrentClientType when
// none are given.
func NewTorrentClients(types ...domain.ClientType) *TorrentClients {
	if len(types) == 0 {
		types = []domain.ClientType{TorrentClientType}
	}
	return &TorrentClients{
		types:   types,
		daemons: make(map[uuid.UUID]*TorrentDaemon),
		open:    make(map[uuid.UUID]openTorrentClient),
	}
}

// Types implements ports.TorrentClients.
func (c *TorrentClients) Types() []domain.ClientType { return slices.Clone(c.types) }

// Capabilities implements ports.TorrentClients: all of them, but those that Lack has
// taken away.
func (c *TorrentClients) Capabilities(kind domain.ClientType) domain.Capabilities {
	if !slices.Contains(c.types, kind) {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return domain.AllCapabilities().Without(c.lacks...)
}

// Lack takes capabilities away from all types.
func (c *TorrentClients) Lack(some ...domain.Capability) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lacks = append(c.lacks, some...)
}

// Open implements ports.TorrentClients. An address with a blank in it cannot be
// right.
func (c *TorrentClients) Open(server domain.Server) (ports.OpenClient, error) {
	if !slices.Contains(c.types, server.Type) {
		return ports.OpenClient{}, domain.Invalid("type", "is unknown: %q; there are %q", server.Type, c.types)
	}
	if strings.ContainsAny(server.Address, " \t") {
		return ports.OpenClient{}, domain.Invalid("address", "must not contain blanks")
	}
	key := torrentClientKey{server.Type, server.Address, server.Credentials}
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, found := c.open[server.ID]
	if found && kept.key == key {
		return whole(kept.client), nil
	}
	if found {
		_ = kept.client.Close() // never fails
	}
	client := c.daemon(server.ID).Client()
	c.open[server.ID] = openTorrentClient{key, client}
	return whole(client), nil
}

func whole(c *TorrentClient) ports.OpenClient {
	return ports.OpenClient{TorrentClient: c, TransferControl: c, TransferDetails: c, TransferListing: c}
}

// Forget implements ports.TorrentClients. The server's daemon lives on.
func (c *TorrentClients) Forget(serverID uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, found := c.open[serverID]; found {
		_ = kept.client.Close() // never fails
		delete(c.open, serverID)
	}
}

// Daemon returns the daemon of a server, made when first asked for.
func (c *TorrentClients) Daemon(serverID uuid.UUID) *TorrentDaemon {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.daemon(serverID)
}

// daemon is called under mu.
func (c *TorrentClients) daemon(serverID uuid.UUID) *TorrentDaemon {
	daemon, found := c.daemons[serverID]
	if !found {
		daemon = NewTorrentDaemon()
		c.daemons[serverID] = daemon
	}
	return daemon
}
