package deluge

import (
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// Type is what servers of this kind are called. Their address is that of deluged
// itself, not of its web interface: "host" (port 58846), "host:port" or
// "[::1]:58846"; with "#sha256=" and the fingerprint of its certificate behind it,
// that is checked from the first connection on. The credentials are an account of
// the daemon's auth file, best one of level 10.
const Type domain.ClientType = "Deluge"

// defaultTimeout bounds each call, connecting included.
const defaultTimeout = 10 * time.Second

// Factory opens clients that all behave in the same way.
type Factory struct{ options options }

type options struct {
	timeout time.Duration
	now     func() time.Time
}

// Option changes how clients behave.
type Option func(*options)

// WithTimeout bounds each call; the default is 10 seconds.
func WithTimeout(timeout time.Duration) Option {
	return func(o *options) { o.timeout = timeout }
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
	e, err := parseAddress(server.Address)
	if err != nil {
		return nil, err
	}
	return &Client{rpc: newRPC(e, server.Credentials, f.options), now: f.options.now}, nil
}
