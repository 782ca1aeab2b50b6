package embedded

import (
	"crypto/sha1" //nolint:gosec // what BitTorrent version 1 is made of
	"encoding/hex"
	"net"
	"net/url"
	"strconv"

	"github.com/clarion-app/download-manager/domain"
)

// links are where a magnet says that a torrent is found.
type links struct {
	name                      string
	trackers, webSeeds, peers []string
}

// readLinks takes from a magnet what the library can use: it does not always
// survive the rest.
func readLinks(magnet domain.Magnet) links {
	found := links{name: magnet.Name()}
	for _, text := range magnet.Trackers() {
		if isURL(text, "http", "https", "udp") {
			found.trackers = append(found.trackers, text)
		}
	}
	for _, text := range magnet.WebSeeds() {
		if isURL(text, "http", "https") {
			found.webSeeds = append(found.webSeeds, text)
		}
	}
	for _, text := range magnet.Peers() {
		if isPeer(text) {
			found.peers = append(found.peers, text)
		}
	}
	return found
}

func isURL(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return false
	}
	for _, scheme := range schemes {
		if u.Scheme == scheme {
			return true
		}
	}
	return false
}

func isPeer(text string) bool {
	host, port, err := net.SplitHostPort(text)
	if err != nil || host == "" {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// hasHash reports whether an info dictionary is the one of an infohash.
func hasHash(info []byte, hash domain.InfoHash) bool {
	sum := sha1.Sum(info) //nolint:gosec // see above
	return hex.EncodeToString(sum[:]) == hash.String()
}
