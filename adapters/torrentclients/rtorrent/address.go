package rtorrent

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"
	"unicode"

	"github.com/clarion-app/download-manager/domain"
)

const (
	defaultPort = "5000"
	defaultPath = "/RPC2"
	// longestSocketPath is what the kernel takes (unix(7)), less the end of the text.
	longestSocketPath = 107
)

// endpoint is where a daemon listens: an SCGI address that is dialled, or the URL
// of a web server.
type endpoint struct {
	network, address string // "tcp" or "unix"; "" for a URL
	url              *url.URL
}

// String is the endpoint as people are told it.
func (e endpoint) String() string {
	if e.url != nil {
		return e.url.Host
	}
	return e.address
}

// parseAddress reads the forms that Type lists.
func parseAddress(address string) (endpoint, error) {
	text := strings.TrimSpace(address)
	if strings.HasPrefix(text, "/") {
		return socket(text)
	}
	if !strings.Contains(text, "://") {
		text = "scgi://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return endpoint{}, domain.Invalid("address", "must be host, host:port, scgi://host:port, unix:///path or an http(s) URL, with an IPv6 address in brackets")
	}
	switch {
	case u.User != nil:
		return endpoint{}, domain.Invalid("address", "must not hold credentials")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return endpoint{}, domain.Invalid("address", "must not have a query or a fragment")
	}
	switch u.Scheme {
	case "http", "https":
		return webServer(u)
	case "unix":
		if u.Host != "" {
			return endpoint{}, domain.Invalid("address", "must be unix:///path, with three slashes")
		}
		return socket(u.Path)
	case "scgi":
		if u.Host == "" && u.Path != "" {
			return socket(u.Path)
		}
		return scgiHost(u)
	}
	return endpoint{}, domain.Invalid("address", "must be an scgi, unix, http or https URL, not %s", u.Scheme)
}

func scgiHost(u *url.URL) (endpoint, error) {
	if err := checkHost(u); err != nil {
		return endpoint{}, domain.Invalid("address", "%v", err)
	}
	if u.Path != "" && u.Path != "/" {
		return endpoint{}, domain.Invalid("address", "must not have a path behind the host; a unix socket is unix:///path")
	}
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	return endpoint{network: "tcp", address: net.JoinHostPort(u.Hostname(), port)}, nil
}

func webServer(u *url.URL) (endpoint, error) {
	if err := checkHost(u); err != nil {
		return endpoint{}, domain.Invalid("address", "%v", err)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = defaultPath
	}
	return endpoint{url: u}, nil
}

func socket(file string) (endpoint, error) {
	switch {
	case !path.IsAbs(file) || path.Clean(file) == "/" || strings.HasSuffix(file, "/"):
		return endpoint{}, domain.Invalid("address", "must be the absolute path of a socket")
	case len(file) > longestSocketPath:
		return endpoint{}, domain.Invalid("address", "must be a path of at most %d bytes", longestSocketPath)
	case strings.ContainsFunc(file, unicode.IsControl):
		return endpoint{}, domain.Invalid("address", "must not contain control characters")
	}
	return endpoint{network: "unix", address: file}, nil
}

func checkHost(u *url.URL) error {
	host := u.Hostname()
	if host == "" {
		return errors.New("must name a host")
	}
	if strings.HasPrefix(u.Host, "[") {
		if _, err := netip.ParseAddr(host); err != nil {
			return errors.New("has a malformed IPv6 address")
		}
	} else if strings.ContainsFunc(host, notInHostName) {
		return errors.New("has a malformed host name")
	}
	if strings.HasSuffix(u.Host, ":") {
		return errors.New("lacks the port after the colon")
	}
	if text := u.Port(); text != "" {
		if port, err := strconv.Atoi(text); err != nil || port < 1 || port > 65535 {
			return errors.New("must have a port between 1 and 65535")
		}
	}
	return nil
}

func notInHostName(r rune) bool {
	return r != '.' && r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}
