package qbittorrent

import (
	"crypto/x509"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// Type is what servers of this kind are called. Their address is that of the
// Web UI: "host", "host:port" (8080 unless said otherwise), or an http or https
// URL, with the path of a reverse proxy where there is one. A password without a
// username is an API key (qBittorrent 5.2 and later).
const Type domain.ClientType = "qBittorrent"

// defaultTimeout bounds each call, a login included.
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

// WithTimeout bounds each call; the default is 10 seconds. Asking for all
// torrents, which a daemon with very many takes its time for, has three times that.
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
	base, err := parseAddress(server.Address)
	if err != nil {
		return nil, err
	}
	return &Client{
		api:  newAPI(base, server.Credentials, f.options),
		now:  f.options.now,
		turn: make(chan struct{}, 1),
	}, nil
}
