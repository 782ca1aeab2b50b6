package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// MaxURLLength bounds the address of a .torrent file, in bytes.
const MaxURLLength = 4 << 10

// TorrentSource is what the adder of a torrent gives: exactly one of these.
type TorrentSource struct {
	// MagnetURI is the text of a magnet link.
	MagnetURI string
	// File is the content of a .torrent file.
	File []byte
	// URL is where a .torrent file or a magnet link is to be had.
	URL string
}

// Check returns an error of KindInvalid that names a field, unless exactly one is
// given. What is given is looked at by ParseMagnet, ParseMetainfo, and whoever fetches.
func (s TorrentSource) Check() error {
	const one = "must not be given beside %s: one of magnetURI, file and url is enough"
	switch {
	case s.MagnetURI != "" && s.File != nil:
		return Invalid("file", one, "magnetURI")
	case s.MagnetURI != "" && s.URL != "":
		return Invalid("url", one, "magnetURI")
	case s.File != nil && s.URL != "":
		return Invalid("url", one, "file")
	case s.MagnetURI == "" && s.File == nil && s.URL == "":
		return Invalid("magnetURI", "is required, unless there is a file or a url")
	case len(s.URL) > MaxURLLength:
		return Invalid("url", "must not be longer than %d bytes", MaxURLLength)
	}
	return nil
}

// field names what is given, and noun calls it by a name.
func (s TorrentSource) field() (field, noun string) {
	switch {
	case s.File != nil:
		return "file", ".torrent file"
	case s.URL != "":
		return "url", "url"
	}
	return "magnetURI", "magnet link"
}

// hash tells one source from another, as far as its text goes. No text of one sort is
// one of another sort.
func (s TorrentSource) hash() string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(s.MagnetURI + s.URL)))
	if s.File != nil {
		sum = sha256.Sum256(s.File)
	}
	return hex.EncodeToString(sum[:])
}
