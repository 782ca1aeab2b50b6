package deluge

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/clarion-app/download-manager/domain"
)

const defaultPort = "58846"

// endpoint is where a daemon's RPC is, and by which certificate it is known.
type endpoint struct {
	address string // host:port
	// fingerprint is the SHA-256 of the certificate; "" is whichever comes first.
	fingerprint string
}

// parseAddress reads "host", "host:port", "[::1]:58846", each also behind
// "deluge://" and with "#sha256=" and the fingerprint of the daemon's certificate
// (in hex, colons allowed) behind it.
func parseAddress(text string) (endpoint, error) {
	text = strings.TrimSpace(text)
	text, fragment, pinned := strings.Cut(text, "#")
	if scheme, rest, found := strings.Cut(text, "://"); found {
		if !strings.EqualFold(scheme, "deluge") {
			return endpoint{}, domain.Invalid("address", "must be host or host:port of deluged itself, not of its web interface")
		}
		text = strings.TrimSuffix(rest, "/")
	}
	u, err := url.Parse("deluge://" + text)
	switch {
	case err != nil:
		return endpoint{}, domain.Invalid("address", "must be host or host:port, with an IPv6 address in brackets")
	case u.User != nil:
		return endpoint{}, domain.Invalid("address", "must not hold credentials")
	case u.Path != "" || u.RawQuery != "" || u.ForceQuery:
		return endpoint{}, domain.Invalid("address", "must be host or host:port, and nothing behind that but #sha256=")
	}
	if err := checkHost(u); err != nil {
		return endpoint{}, domain.Invalid("address", "%v", err)
	}
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	e := endpoint{address: net.JoinHostPort(u.Hostname(), port)}
	if pinned {
		if e.fingerprint, err = parseFingerprint(fragment); err != nil {
			return endpoint{}, domain.Invalid("address", "%v", err)
		}
	}
	return e, nil
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

func parseFingerprint(text string) (string, error) {
	digits, found := strings.CutPrefix(strings.ToLower(text), "sha256=")
	raw, err := hex.DecodeString(strings.ReplaceAll(digits, ":", ""))
	if !found || err != nil || len(raw) != sha256.Size {
		return "", errors.New("must have nothing behind # but sha256= and the 64 hexadecimal digits of a certificate's fingerprint")
	}
	return hex.EncodeToString(raw), nil
}
