package aria2

import (
	"crypto/x509"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// Type is what servers of this kind are called. Their address is "host",
// "host:port" (6800 if not given) or an http or https URL of the JSON-RPC, whose
// path is /jsonrpc if not given. The password is the daemon's rpc-secret. A
// username is sent with it as HTTP basic authentication, for a proxy in front or
// the old rpc-user; most daemons have none.
const Type domain.ClientType = "aria2"

// Capabilities are what the daemon can do through this client.
//
// Not among them: DELETE_DATA, since no request of the protocol deletes a file;
// FOLDER, since what is held cannot be moved; RENAME, LABEL and PRIORITY, which aria2
// does not have; FREE_SPACE, which it does not tell.
var Capabilities = domain.Capabilities{
	domain.CapabilityPause, domain.CapabilityVerify, domain.CapabilitySpeedLimits, domain.CapabilityFileSelection,
	domain.CapabilityFiles, domain.CapabilityTrackers, domain.CapabilityPeers, domain.CapabilityTorrentFiles,
}

// defaultTimeout bounds each call.
const defaultTimeout = 10 * time.Second

// Factory opens clients that all behave in the same way.
type Factory struct{ options options }

type options struct {
	timeout time.Duration
	roots   *x509.CertPool
	now     func() time.Time
}

// Option changes how clients behave.
type Option func(*options)

// WithTimeout bounds each call; the default is 10 seconds.
func WithTimeout(timeout time.Duration) Option {
	return func(o *options) { o.timeout = timeout }
}

// WithRootCAs replaces the certificate authorities that are trusted for https,
// by default the system's.
func WithRootCAs(roots *x509.CertPool) Option {
	return func(o *options) { o.roots = roots }
}

// WithClock replaces time.Now.
func WithClock(now func() time.Time) Option {
	return func(o *options) { o.now = now }
}

// New returns a Factory.
func New(opts ...Option) *Factory {
	o := options{timeout: defaultTimeout, now: time.Now}
	for _, option := range opts {
		option(&o)
	}
	return &Factory{options: o}
}

// Open returns a client of the daemon at the server's address; it uses no
// network. KindInvalid, field "address", when the address cannot be right.
func (f *Factory) Open(server domain.Server) (*Client, error) {
	endpoint, err := parseAddress(server.Address)
	if err != nil {
		return nil, err
	}
	return &Client{rpc: newRPC(endpoint, server.Credentials, f.options), now: f.options.now}, nil
}
