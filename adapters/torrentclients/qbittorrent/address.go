package qbittorrent

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/clarion-app/download-manager/domain"
)

const (
	defaultPort = "8080"
	apiPath     = "/api/v2/"
)

// parseAddress reads where a daemon's Web UI is: "host", "host:port",
// "[::1]:8080", or an http or https URL, whose port is then the scheme's own
// unless it names one, and whose path is what the Web UI lies below. It returns
// where the API is, with a slash at its end.
func parseAddress(address string) (*url.URL, error) {
	text, bare := strings.TrimSpace(address), false
	if !strings.Contains(text, "://") {
		text, bare = "http://"+text, true
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, domain.Invalid("address", "must be host, host:port or an http(s) URL, with an IPv6 address in brackets")
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, domain.Invalid("address", "must be an http or https URL, not %s", u.Scheme)
	}
	if err := checkHost(u); err != nil {
		return nil, domain.Invalid("address", "%v", err)
	}
	switch {
	case u.User != nil:
		return nil, domain.Invalid("address", "must not hold credentials")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, domain.Invalid("address", "must not have a query or a fragment")
	}
	if bare && u.Port() == "" {
		u.Host += ":" + defaultPort
	}
	path := strings.TrimRight(u.Path, "/")
	u.Path, u.RawPath = strings.TrimSuffix(path, strings.TrimRight(apiPath, "/"))+apiPath, ""
	return u, nil
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
