// Package torrentclients is the list of torrent clients that this product can
// drive. A new type is a folder here and a line in New.
package torrentclients

import (
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/torrentclients/aria2"
	"github.com/clarion-app/download-manager/adapters/torrentclients/deluge"
	"github.com/clarion-app/download-manager/adapters/torrentclients/embedded"
	"github.com/clarion-app/download-manager/adapters/torrentclients/qbittorrent"
	"github.com/clarion-app/download-manager/adapters/torrentclients/rtorrent"
	"github.com/clarion-app/download-manager/adapters/torrentclients/transmission"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

var _ ports.TorrentClients = (*Clients)(nil)

// Config is what the clients need to know of this installation.
type Config struct {
	// Embedded configures the engine in this process; nil turns it off.
	Embedded *embedded.Config
	// Transmission changes how all Transmission clients behave.
	Transmission []transmission.Option
	// QBittorrent changes how all qBittorrent clients behave.
	QBittorrent []qbittorrent.Option
	// Deluge changes how all Deluge clients behave.
	Deluge []deluge.Option
}

// offer is a line of the list.
type offer struct {
	kind domain.ClientType
	can  domain.Capabilities
	// open makes the client of a server; it uses no network.
	open func(domain.Server) (ports.OpenClient, error)
}

// client is what an adapter's own type must be.
type client interface {
	ports.TorrentClient
	ports.TransferControl
	ports.TransferDetails
	ports.TransferListing
}

// line makes a line of the list from what an adapter exports.
func line[C client](kind domain.ClientType, can domain.Capabilities, open func(domain.Server) (C, error)) offer {
	return offer{kind: kind, can: can, open: func(server domain.Server) (ports.OpenClient, error) {
		c, err := open(server)
		if err != nil {
			return ports.OpenClient{}, err
		}
		return ports.OpenClient{TorrentClient: c, TransferControl: c, TransferDetails: c, TransferListing: c}, nil
	}}
}

// Clients implements ports.TorrentClients.
type Clients struct {
	offers []offer

	mu     sync.Mutex
	kept   map[uuid.UUID]kept
	closed bool
}

// kept is a client that is open, and what of its server it was opened with.
type kept struct {
	fingerprint fingerprint
	client      ports.OpenClient
}

type fingerprint struct {
	kind        domain.ClientType
	address     string
	credentials domain.Credentials
}

// New returns the list.
func New(config Config) *Clients {
	offers := []offer{
		line(transmission.Type, transmission.Capabilities, transmission.New(config.Transmission...).Open),
		line(qbittorrent.Type, qbittorrent.Capabilities, qbittorrent.New(config.QBittorrent...).Open),
		line(deluge.Type, deluge.Capabilities, deluge.New(config.Deluge...).Open),
		line(rtorrent.Type, rtorrent.Capabilities, rtorrent.New().Open),
		line(aria2.Type, aria2.Capabilities, aria2.New().Open),
	}
	if config.Embedded != nil {
		offers = append(offers, line(embedded.Type, embedded.Capabilities, embedded.New(*config.Embedded).Open))
	}
	return &Clients{offers: offers, kept: make(map[uuid.UUID]kept)}
}

// Types implements ports.TorrentClients.
func (c *Clients) Types() []domain.ClientType {
	types := make([]domain.ClientType, len(c.offers))
	for i, o := range c.offers {
		types[i] = o.kind
	}
	return types
}

// Capabilities implements ports.TorrentClients.
func (c *Clients) Capabilities(kind domain.ClientType) domain.Capabilities {
	for _, o := range c.offers {
		if o.kind == kind {
			return slices.Clone(o.can)
		}
	}
	return nil
}

// Open implements ports.TorrentClients.
func (c *Clients) Open(server domain.Server) (ports.OpenClient, error) {
	client, stale, err := c.open(server)
	if stale != nil {
		_ = stale.Close() // outside the lock: an engine takes its time
	}
	return client, err
}

// open returns the client of a server, and the one that it replaces; nil for none.
func (c *Clients) open(server domain.Server) (client ports.OpenClient, stale ports.TorrentClient, err error) {
	i := slices.IndexFunc(c.offers, func(o offer) bool { return o.kind == server.Type })
	if i < 0 {
		return client, nil, domain.Invalid("type", "must be one of %q", c.Types())
	}
	wanted := fingerprint{server.Type, server.Address, server.Credentials}
	c.mu.Lock()
	defer c.mu.Unlock()
	old, found := c.kept[server.ID]
	if found && old.fingerprint == wanted {
		return old.client, nil, nil
	}
	if c.closed {
		return client, nil, domain.Unavailable(nil, "the torrent clients are closed")
	}
	client, err = c.offers[i].open(server)
	if err != nil {
		return client, nil, err
	}
	c.kept[server.ID] = kept{wanted, client}
	if found {
		stale = old.client
	}
	return client, stale, nil
}

// Forget implements ports.TorrentClients.
func (c *Clients) Forget(serverID uuid.UUID) {
	c.mu.Lock()
	old, found := c.kept[serverID]
	delete(c.kept, serverID)
	c.mu.Unlock()
	if found {
		_ = old.client.Close() // it is forgotten either way
	}
}

// Close closes all clients, side by side, and lets none be opened again.
func (c *Clients) Close() error {
	c.mu.Lock()
	open := slices.Collect(maps.Values(c.kept))
	c.closed = true
	clear(c.kept)
	c.mu.Unlock()
	errs := make([]error, len(open))
	var closing sync.WaitGroup
	for i, k := range open {
		closing.Go(func() { errs[i] = k.client.Close() })
	}
	closing.Wait()
	return errors.Join(errs...)
}
