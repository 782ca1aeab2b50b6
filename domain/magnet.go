package domain

import (
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxMagnetLength bounds a magnet link, in bytes. Real ones with many trackers
// stay below 10 KB.
const MaxMagnetLength = 64 << 10

// Magnet is a magnet link that was understood. It is sealed: ParseMagnet is the
// only way to make one, and StoredMagnet to bring one back. The zero value is no
// magnet.
type Magnet struct {
	text        string
	infoHash    InfoHash
	v1          InfoHash
	v2          string
	name        string
	trackers    []string
	webSeeds    []string
	peers       []string
	selectOnly  string
	exactLength int64
}

// ParseMagnet reads a magnet URI as BEP 9 and BEP 53 describe it: xt=urn:btih:
// (hex or base32), xt=urn:btmh: (BEP 52, SHA-256 multihash), or both; dn, xl,
// tr, ws, x.pe and so. Parameters come in any order; numbered names ("tr.1")
// and unknown ones are fine. Surrounding blanks are dropped. Errors are of
// KindInvalid and name the field "magnetURI".
func ParseMagnet(text string) (Magnet, error) {
	text = strings.TrimSpace(text)
	if err := checkMagnetText(text); err != nil {
		return Magnet{}, err
	}
	m := Magnet{text: text}
	for pair := range strings.SplitSeq(text[len("magnet:?"):], "&") {
		key, raw, _ := strings.Cut(pair, "=")
		key, _, _ = strings.Cut(strings.ToLower(key), ".")
		if key == "x" && strings.HasPrefix(strings.ToLower(pair), "x.pe") {
			key = "x.pe"
		}
		if err := m.take(key, formDecode(raw)); err != nil {
			return Magnet{}, err
		}
	}
	switch {
	case !m.v1.IsZero():
		m.infoHash = m.v1
	case m.v2 != "":
		m.infoHash, _ = ParseInfoHash(m.v2)
	default:
		return Magnet{}, Invalid("magnetURI", "names no torrent: it needs an xt=urn:btih: or xt=urn:btmh: parameter")
	}
	return m, nil
}

// StoredMagnet brings a magnet back from storage; it is for repositories only. A
// text that is no magnet by our rules (another program may have written it) must
// not break the list it is in: it stays as it is, and names hash, taken for a v1
// infohash as nearly all are. Clients can fetch content by that alone.
func StoredMagnet(text string, hash InfoHash) Magnet {
	if m, err := ParseMagnet(text); err == nil {
		return m
	}
	return Magnet{text: text, infoHash: hash, v1: hash}
}

func checkMagnetText(text string) error {
	switch {
	case text == "":
		return Invalid("magnetURI", "is required")
	case len(text) > MaxMagnetLength:
		return Invalid("magnetURI", "must not be longer than %d bytes", MaxMagnetLength)
	case !utf8.ValidString(text):
		return Invalid("magnetURI", "must be valid UTF-8")
	case strings.ContainsFunc(text, unicode.IsControl):
		return Invalid("magnetURI", "must not contain control characters")
	case len(text) < len("magnet:?") || !strings.EqualFold(text[:len("magnet:?")], "magnet:?"):
		return Invalid("magnetURI", "must be a magnet link, starting with magnet:?")
	}
	return nil
}

func (m *Magnet) take(key, value string) error {
	switch key {
	case "xt":
		return m.takeTopic(value)
	case "dn":
		if name := CleanName(value); name != "" {
			m.name = name // of several, the last
		}
	case "tr":
		m.trackers = appendText(m.trackers, value)
	case "ws":
		m.webSeeds = appendText(m.webSeeds, value)
	case "x.pe":
		m.peers = appendText(m.peers, value)
	case "so":
		m.selectOnly = value
	case "xl":
		if n, err := strconv.ParseInt(value, 10, 64); err == nil && n > 0 {
			m.exactLength = n
		}
	}
	return nil
}

// takeTopic reads one xt. Topics other than BitTorrent's are somebody else's
// and are passed over; a BitTorrent topic that is broken is an error.
func (m *Magnet) takeTopic(value string) error {
	lower := strings.ToLower(value)
	if hash, ok := strings.CutPrefix(lower, "urn:btih:"); ok {
		parsed, err := ParseInfoHash(hash)
		if err != nil || len(hash) == 64 {
			return Invalid("magnetURI", "has a bad xt=urn:btih: value: 40 hexadecimal digits or 32 base32 characters are allowed")
		}
		if !m.v1.IsZero() && m.v1 != parsed {
			return Invalid("magnetURI", "names two different torrents")
		}
		m.v1 = parsed
	}
	if hash, ok := strings.CutPrefix(lower, "urn:btmh:"); ok {
		// 0x12 = SHA-256, 0x20 = 32 bytes: the multihash prefix of BEP 52.
		digest, isSHA256 := strings.CutPrefix(hash, "1220")
		if _, err := hex.DecodeString(digest); err != nil || !isSHA256 || len(digest) != 64 {
			return Invalid("magnetURI", "has a bad xt=urn:btmh: value: 1220 and 64 hexadecimal digits are allowed")
		}
		if m.v2 != "" && m.v2 != digest {
			return Invalid("magnetURI", "names two different torrents")
		}
		m.v2 = digest
	}
	return nil
}

// formDecode reads + and %XX as forms do; a broken escape stays as it is.
func formDecode(raw string) string {
	if value, err := url.QueryUnescape(raw); err == nil {
		return value
	}
	var value strings.Builder
	for i := 0; i < len(raw); i++ {
		if part, err := url.QueryUnescape(raw[i:min(i+3, len(raw))]); raw[i] == '%' && err == nil {
			value.WriteString(part)
			i += 2
		} else if raw[i] == '+' {
			value.WriteByte(' ')
		} else {
			value.WriteByte(raw[i])
		}
	}
	return value.String()
}

func appendText(list []string, value string) []string {
	if value == "" {
		return list
	}
	return append(list, value)
}

// String returns the link byte for byte as it was given, without surrounding
// blanks.
func (m Magnet) String() string { return m.text }

// IsZero reports whether m is no magnet.
func (m Magnet) IsZero() bool { return m.text == "" }

// InfoHash names the content: the v1 infohash where there is one, else the
// shortened v2 one.
func (m Magnet) InfoHash() InfoHash { return m.infoHash }

// InfoHashV2 returns the 64 hex digits of the v2 infohash, or "".
func (m Magnet) InfoHashV2() string { return m.v2 }

// HasV1 reports whether the magnet names a v1 (or hybrid) torrent.
func (m Magnet) HasV1() bool { return !m.v1.IsZero() }

// Name is the display name (dn) as clean UTF-8, or "".
func (m Magnet) Name() string { return m.name }

// Trackers lists the tracker URLs (tr) in order.
func (m Magnet) Trackers() []string { return append([]string(nil), m.trackers...) }

// WebSeeds lists the web seed URLs (ws, BEP 19) in order.
func (m Magnet) WebSeeds() []string { return append([]string(nil), m.webSeeds...) }

// Peers lists peer addresses (x.pe, host:port) in order.
func (m Magnet) Peers() []string { return append([]string(nil), m.peers...) }

// SelectOnly is the file selection (so, BEP 53) as written, or "".
func (m Magnet) SelectOnly() string { return m.selectOnly }

// ExactLength is the size in bytes that the link promises (xl), 0 if none.
func (m Magnet) ExactLength() int64 { return m.exactLength }
