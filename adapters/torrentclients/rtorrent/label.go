package rtorrent

import (
	"net/url"
	"strings"
)

// encodeLabel writes a label as ruTorrent does, percent-encoded: so it is the same
// label there, and nothing in it means anything to the daemon.
func encodeLabel(label string) string {
	return strings.ReplaceAll(url.QueryEscape(label), "+", "%20")
}

// decodeLabel reads a label, also one that somebody has put there as it is.
func decodeLabel(text string) string {
	if label, err := url.PathUnescape(text); err == nil {
		return label
	}
	return text
}
