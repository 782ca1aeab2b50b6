// Package fetch gets .torrent files from addresses that users give, over HTTP, and
// reaches nothing for them that they could not reach themselves.
package fetch

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

const (
	// mostRedirects is how often an address may lead on.
	mostRedirects = 5
	// mostHeaderBytes bounds the head of an answer.
	mostHeaderBytes = 64 << 10
	// dialTimeout is how long one machine may take to accept a connection, and again to
	// agree on TLS.
	dialTimeout = 10 * time.Second
)

// The defaults of Config.
const (
	// DefaultTimeout is how long one address may take in all, waiting included.
	DefaultTimeout = 20 * time.Second
	// DefaultAtOnce is how many addresses are asked at a time.
	DefaultAtOnce = 8
)

// Config is what a Fetcher may do.
type Config struct {
	// Private lets it reach private networks and this machine, too.
	Private bool
	// Timeout; 0: DefaultTimeout.
	Timeout time.Duration
	// AtOnce; 0: DefaultAtOnce.
	AtOnce int
	// Lookup finds the addresses of a host; nil: as the machine does.
	Lookup *net.Resolver
	// Version of the product, to say who asks.
	Version string
}

// Fetcher is a ports.TorrentFetcher. It keeps nothing from one call to the next: no
// connection, no cookie.
type Fetcher struct {
	config Config
	client http.Client
	// allowed says which machines may be connected to.
	allowed func(netip.Addr) bool
	// most is how many bytes a file may have.
	most int
	// asking has as many places as addresses may be asked at a time.
	asking chan struct{}
}

var _ ports.TorrentFetcher = (*Fetcher)(nil)

// New returns a Fetcher. Proxies of the environment are not used: who is reached
// would be theirs to decide.
func New(config Config) *Fetcher {
	config.Timeout = cmp.Or(config.Timeout, DefaultTimeout)
	config.AtOnce = cmp.Or(config.AtOnce, DefaultAtOnce)
	f := &Fetcher{config: config, asking: make(chan struct{}, config.AtOnce), allowed: isPublic, most: domain.MaxMetainfoBytes}
	if config.Private {
		f.allowed = func(netip.Addr) bool { return true }
	}
	dialer := net.Dialer{Timeout: dialTimeout, KeepAlive: -1, Resolver: config.Lookup, ControlContext: f.control}
	f.client = http.Client{
		Transport: &http.Transport{
			Proxy:       nil,
			DialContext: dialer.DialContext,
			// It is done here, so that both sides of it are bounded.
			DisableCompression:     true,
			DisableKeepAlives:      true,
			TLSHandshakeTimeout:    dialTimeout,
			MaxResponseHeaderBytes: mostHeaderBytes,
		},
		// They are followed here: one may lead to a magnet link.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return f
}

// control is asked before each connection, with the very address that it goes to: what
// a name meant a moment ago does not count.
func (f *Fetcher) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !f.allowed(to.Addr()) {
		return wrong("leads to a private address, which is not asked for anybody; DM_FETCH_PRIVATE=on allows it")
	}
	return nil
}

// Fetch implements ports.TorrentFetcher.
func (f *Fetcher) Fetch(ctx context.Context, address string) (ports.FetchedTorrent, error) {
	limited, cancel := context.WithTimeout(ctx, f.config.Timeout)
	defer cancel()
	select {
	case f.asking <- struct{}{}:
		defer func() { <-f.asking }()
	case <-limited.Done():
		return ports.FetchedTorrent{}, tooBusy(ctx)
	}
	fetched, err := f.follow(limited, address)
	if err == nil {
		return fetched, nil
	}
	if ctx.Err() != nil {
		return ports.FetchedTorrent{}, ctx.Err()
	}
	return ports.FetchedTorrent{}, explain(err)
}

// follow asks an address, and where it leads to.
func (f *Fetcher) follow(ctx context.Context, address string) (ports.FetchedTorrent, error) {
	at := &url.URL{}
	for range 1 + mostRedirects {
		if isMagnet(address) {
			return ports.FetchedTorrent{MagnetURI: address}, ctx.Err()
		}
		var err error
		if at, err = next(at, address); err != nil {
			return ports.FetchedTorrent{}, err
		}
		var content []byte
		if content, address, err = f.ask(ctx, at); err != nil || address == "" {
			return ports.FetchedTorrent{Content: content}, err
		}
	}
	return ports.FetchedTorrent{}, wrong("leads on to other addresses too often")
}

func isMagnet(address string) bool {
	const scheme = "magnet:"
	return len(address) >= len(scheme) && strings.EqualFold(address[:len(scheme)], scheme)
}

// next reads an address, which may be relative to the one before. What stands in it as
// a user name and password is neither sent nor passed on.
func next(before *url.URL, address string) (*url.URL, error) {
	if len(address) > domain.MaxURLLength {
		return nil, wrong("leads to an address that is too long")
	}
	at, err := before.Parse(address)
	switch {
	case err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "":
		return nil, wrong("must be an address that begins with http:// or https://, and lead to such ones only")
	case at.User != nil:
		return nil, wrong("must not contain a user name or password")
	}
	at.Fragment = ""
	return at, nil
}

// ask sends one request. It returns the content, or where the address leads on to.
func (f *Fetcher) ask(ctx context.Context, at *url.URL) (content []byte, to string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), http.NoBody)
	if err != nil {
		return nil, "", wrong("must be an address that begins with http:// or https://")
	}
	request.Header = http.Header{
		"Accept":          {"application/x-bittorrent, */*;q=0.5"},
		"Accept-Encoding": {"gzip"},
		"User-Agent":      {"downloadmanager/" + cmp.Or(f.config.Version, "dev")},
	}
	response, err := f.client.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		content, err = f.read(response)
		return content, "", err
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if to = response.Header.Get("Location"); to != "" {
			return nil, to, nil
		}
	}
	return nil, "", refusedWith(response.StatusCode)
}

var errTooLarge = errors.New("too large")

// read returns the content, unpacked if it is packed. Both sides are bounded: what is
// sent, and what becomes of it.
func (f *Fetcher) read(response *http.Response) ([]byte, error) {
	if response.ContentLength > int64(f.most) {
		return nil, errTooLarge
	}
	body := io.Reader(&bounded{response.Body, f.most})
	switch strings.ToLower(response.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		unpacked.Multistream(false)
		body = &bounded{unpacked, f.most}
	default:
		return nil, wrong("the file there is packed in an unknown way")
	}
	var content bytes.Buffer
	_, err := content.ReadFrom(body)
	return content.Bytes(), err
}

// bounded is a reader that fails behind so many bytes.
type bounded struct {
	io.Reader
	left int
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}
