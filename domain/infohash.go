package domain

import (
	"encoding/base32"
	"encoding/hex"
	"strings"
)

// InfoHash names a torrent's content: 20 bytes as 40 lower-case hex digits.
// For v1 torrents it is the SHA-1 of the info dictionary (BEP 3); for v2-only
// torrents it is the SHA-256 cut to 20 bytes, the form that BEP 52 gives to
// trackers and peers and that clients report. The zero value is no infohash.
type InfoHash struct{ text string }

// ParseInfoHash reads 40 hex digits of either case, 32 base32 characters of
// either case (BEP 9), or 64 hex digits of a v2 infohash, which are cut to 40.
func ParseInfoHash(text string) (InfoHash, error) {
	switch len(text) {
	case 40, 64:
		if raw, err := hex.DecodeString(text); err == nil {
			return infoHashFromBytes(raw), nil
		}
	case 32:
		// The decoder drops line breaks and padding, so that fewer bytes may come.
		if raw, err := base32.StdEncoding.DecodeString(strings.ToUpper(text)); err == nil && len(raw) == 20 {
			return infoHashFromBytes(raw), nil
		}
	}
	return InfoHash{}, Invalid("infoHash", "must be 40 hexadecimal digits, 32 base32 characters, or 64 hexadecimal digits (v2)")
}

func infoHashFromBytes(raw []byte) InfoHash {
	return InfoHash{text: hex.EncodeToString(raw[:20])}
}

// String returns 40 lower-case hex digits, or "" for the zero value.
func (h InfoHash) String() string { return h.text }

// IsZero reports whether h names nothing.
func (h InfoHash) IsZero() bool { return h.text == "" }

// MarshalText implements encoding.TextMarshaler.
func (h InfoHash) MarshalText() ([]byte, error) { return []byte(h.text), nil }

// UnmarshalText implements encoding.TextUnmarshaler; an empty text is the zero
// value.
func (h *InfoHash) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*h = InfoHash{}
		return nil
	}
	parsed, err := ParseInfoHash(string(text))
	if err != nil {
		return err
	}
	*h = parsed
	return nil
}
