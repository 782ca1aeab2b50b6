package ports

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// ErrHeldElsewhere is wrapped by errors of a client that another process on this
// machine runs: it is well, only not ours to talk to.
var ErrHeldElsewhere = errors.New("another process runs this client")

// TorrentClient speaks with one server's torrent client. Every method is
// bounded in time and memory whatever the other side does, and answers an
// unreachable, hanging or nonsense-talking client with KindUnavailable.
type TorrentClient interface {
	// Probe proves that the client can be reached with its credentials.
	Probe(ctx context.Context) (domain.ClientInfo, error)

	// Transfers reports on those of hashes that the client holds, in one request
	// (or the least that the protocol allows). With no hashes it still contacts
	// the client.
	Transfers(ctx context.Context, hashes []domain.InfoHash) (domain.Report, error)

	// Add hands a torrent over and returns the infohash under which the client will
	// report it. Adding what is there is a success that changes nothing, neither its
	// settings nor whether it is paused. A label that the client cannot keep does not
	// keep the torrent out: it goes without, since the label is ours in any case;
	// Configure tells why. KindInvalid or KindConflict when the client
	// refuses this one, the latter when it cannot keep a choice of files until the
	// metadata of a magnet is there.
	Add(ctx context.Context, handover domain.Handover) (domain.InfoHash, error)

	// Remove takes transfers out of the client, with their files if deleteData.
	// Unknown hashes are fine; no hashes do nothing, never "all". Where files cannot be
	// deleted, asking for that is domain.Lacks and takes nothing out.
	Remove(ctx context.Context, hashes []domain.InfoHash, deleteData bool) error

	// Close frees what the client holds in this process. It may be called twice.
	Close() error
}

// OpenClient is a client with all that is done through it: one object of its
// adapter, seen through a port for each need.
type OpenClient struct {
	TorrentClient
	TransferControl
	TransferDetails
	TransferListing
}

// TorrentClients is the list of client types, and keeps one TorrentClient open
// for each server.
type TorrentClients interface {
	// Types lists the client types on offer, in the order to show them.
	Types() []domain.ClientType

	// Capabilities tells what the clients of a type can do; nothing for an unknown one.
	Capabilities(kind domain.ClientType) domain.Capabilities

	// Open returns the client of a server, the same one as long as the server's
	// address, type and credentials stay. It uses no network. KindInvalid, field
	// "type" or "address", when the server cannot be right.
	Open(server domain.Server) (OpenClient, error)

	// Forget closes the client of a server, if it is open.
	Forget(serverID uuid.UUID)
}
