package rtorrent

import (
	"crypto/x509"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// Type is what servers of this kind are called. Their address is one of
//
//	seedbox, seedbox:5000, scgi://seedbox:5000   SCGI over TCP; 5000 is the default
//	unix:///run/rtorrent.sock, scgi:///run/...   SCGI over a unix socket, as is a bare absolute path
//	https://seedbox/RPC2, http://...             HTTP, of a web server in front; /RPC2 is the default
//
// Credentials are HTTP's (basic authentication); SCGI has none.
const Type domain.ClientType = "rTorrent"

// defaultTimeout bounds each request.
const defaultTimeout = 10 * time.Second

// Factory opens clients that all behave in the same way.
type Factory struct{ options options }

type options struct {
	timeout time.Duration
	roots   *x509.CertPool
	now     func() time.Time
	settle  time.Duration
}

// Option changes how clients behave.
type Option func(*options)

// WithTimeout bounds each request; the default is 10 seconds.
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

// WithSettlingTime replaces the minute for which a daemon that has started and holds
// nothing is taken to be loading its torrents.
func WithSettlingTime(settle time.Duration) Option {
	return func(o *options) { o.settle = settle }
}

// New returns a Factory.
func New(opts ...Option) *Factory {
	o := options{timeout: defaultTimeout, now: time.Now, settle: settlingTime}
	for _, option := range opts {
		option(&o)
	}
	return &Factory{options: o}
}

// Open returns a client of the daemon at the server's address; it uses no
// network. KindInvalid, field "address", when the address cannot be right.
func (f *Factory) Open(server domain.Server) (*Client, error) {
	at, err := parseAddress(server.Address)
	if err != nil {
		return nil, err
	}
	return &Client{
		rpc: newRPC(at, server.Credentials, f.options), now: f.options.now, session: session{settle: f.options.settle},
	}, nil
}
