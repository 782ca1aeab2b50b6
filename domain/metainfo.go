package domain

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // it is what BEP 3 names torrents by
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxMetainfoBytes bounds a .torrent file. Those of 100,000 files, or of
	// terabytes, have about as many bytes.
	MaxMetainfoBytes = 10 << 20
	// maxMetainfoTrackers is how many trackers of a .torrent file are looked at.
	maxMetainfoTrackers = 200
	// maxTrackerLength bounds the address of one; a longer one is passed over.
	maxTrackerLength = 2 << 10
	// magnetRoom is how long the magnet of a .torrent file may become: trackers beyond
	// are left out of it. The file has them all.
	magnetRoom = 16 << 10
)

// Metainfo is a .torrent file that was understood. It is sealed: ParseMetainfo is the
// only way to make one. The zero value is none.
type Metainfo struct {
	content     []byte
	v1, v2      string // hexadecimal digits, "" where there is none
	name        string
	trackers    []string
	files       []MetainfoFile
	pathBytes   int
	totalLength int64
	private     bool
}

// MetainfoFile is one file of a torrent.
type MetainfoFile struct {
	// Path is slash-separated and begins with the torrent's own folder, as in
	// TransferFile.
	Path   string
	Length int64
	// Padding: it holds nothing and is there for the layout alone (BEP 47).
	Padding bool
}

// ParseMetainfo reads a .torrent file as BEP 3 and BEP 52 describe it: v1, v2 or both.
// What clients pass over is passed over: keys that are unknown, out of order or given
// twice, and blanks behind the file, which are cut off. Errors are of KindInvalid and
// name the field "file".
func ParseMetainfo(content []byte) (Metainfo, error) {
	switch {
	case len(content) == 0:
		return Metainfo{}, badMetainfo("is empty")
	case len(content) > MaxMetainfoBytes:
		return Metainfo{}, badMetainfo("must not be larger than %d bytes", MaxMetainfoBytes)
	}
	root, rest, err := cutBencode(content)
	if err != nil {
		return Metainfo{}, badMetainfo("must be a .torrent file: %v", err)
	}
	if !root.isDictionary() || len(bytes.TrimSpace(rest)) > 0 {
		return Metainfo{}, badMetainfo("must be a .torrent file: one bencoded dictionary")
	}
	m := Metainfo{content: root}
	info, err := m.findInfo(root)
	if err != nil {
		return Metainfo{}, err
	}
	if err := m.readInfo(info); err != nil {
		return Metainfo{}, err
	}
	m.trackers = trackersOf(root)
	m.files = nil // there may be many, and few ask
	return m, nil
}

func badMetainfo(format string, args ...any) *Error { return Invalid("file", format, args...) }

// findInfo returns the dictionary that names the torrent. Two of them are refused:
// which one a client takes is anybody's guess.
func (m *Metainfo) findInfo(root bencode) (info bencode, err error) {
	found := 0
	root.dictionary(func(key []byte, value bencode) bool {
		if string(key) == "info" {
			info = value
			found++
		}
		return true
	})
	if found != 1 || !info.isDictionary() {
		return nil, badMetainfo("must be a .torrent file: it has no info dictionary")
	}
	return info, nil
}

func (m *Metainfo) readInfo(info bencode) error {
	entries := info.entries("name.utf-8", "name", "piece length", "private", "meta version", "file tree", "pieces", "files", "length")
	tree, pieces, files, length := entries[5], entries[6], entries[7], entries[8]
	name, err := fileName(entries[0], entries[1])
	if err != nil || name == "" {
		return badMetainfo("has no name that a file can have")
	}
	m.name = CleanName(name)
	pieceLength, _ := entries[2].number()
	private, _ := entries[3].number()
	m.private = private == 1
	if pieceLength <= 0 {
		return badMetainfo("has no piece length")
	}
	version, versioned := entries[4].number()
	if versioned && version != 1 && version != 2 {
		return badMetainfo("is of version %d, which is not known", version)
	}
	isV1, isV2 := pieces != nil, version == 2
	if !isV1 && !isV2 {
		return badMetainfo("has no hashes of pieces")
	}
	if isV2 {
		if err := m.readTree(name, tree); err != nil {
			return err
		}
		sum := sha256.Sum256(info)
		m.v2 = hex.EncodeToString(sum[:])
	}
	if isV1 { // of a hybrid, this is the order that clients number the files in
		if err := m.readFiles(name, files, length); err != nil {
			return err
		}
		if err := m.checkPieces(pieces, pieceLength); err != nil {
			return err
		}
		sum := sha1.Sum(info) //nolint:gosec // as above
		m.v1 = hex.EncodeToString(sum[:])
	}
	if m.totalLength == 0 {
		return badMetainfo("has nothing to download")
	}
	return nil
}

// trackersOf lists the addresses of the trackers: those of announce-list (BEP 12)
// where there is one.
func trackersOf(root bencode) []string {
	entries := root.entries("announce", "announce-list")
	var trackers []string
	known := map[string]bool{}
	add := func(item bencode) bool {
		text, _ := item.bytes()
		address := strings.TrimSpace(string(text))
		if len(address) <= maxTrackerLength && !known[address] && isTracker(address) {
			known[address] = true
			trackers = append(trackers, address)
		}
		return len(trackers) < maxMetainfoTrackers
	}
	entries[1].list(func(tier bencode) bool {
		tier.list(add)
		return len(trackers) < maxMetainfoTrackers
	})
	if len(trackers) == 0 {
		add(entries[0])
	}
	return trackers
}

func isTracker(address string) bool {
	scheme, _, found := strings.Cut(address, "://")
	return found && scheme != "" && utf8.ValidString(address) && !strings.ContainsFunc(address, unicode.IsControl)
}

// Content is the file, without blanks behind it. Not to be changed.
func (m Metainfo) Content() []byte { return m.content }

// IsZero reports whether m is no .torrent file.
func (m Metainfo) IsZero() bool { return m.content == nil }

// InfoHash names the content as Magnet.InfoHash does.
func (m Metainfo) InfoHash() InfoHash {
	hash, _ := ParseInfoHash(m.v1)
	if m.v1 == "" {
		hash, _ = ParseInfoHash(m.v2)
	}
	return hash
}

// Name is the torrent's name as clean UTF-8.
func (m Metainfo) Name() string { return m.name }

// Trackers lists the trackers' addresses, the first 200 of them.
func (m Metainfo) Trackers() []string { return append([]string(nil), m.trackers...) }

// Files lists the files in the order that clients number them in. They are read anew
// each time.
func (m Metainfo) Files() []MetainfoFile {
	again := Metainfo{}
	if info, err := again.findInfo(bencode(m.content)); err == nil {
		_ = again.readInfo(info) // it was fine before
	}
	return again.files
}

// TotalLength is the length of all files but padding.
func (m Metainfo) TotalLength() int64 { return m.totalLength }

// Private reports whether peers may be had from the trackers alone (BEP 27).
func (m Metainfo) Private() bool { return m.private }

// Magnet is the link to the same content: infohashes, name, trackers and length. It is
// always the same for the same file.
func (m Metainfo) Magnet() Magnet {
	var text strings.Builder
	text.WriteString("magnet:?")
	if m.v1 != "" {
		text.WriteString("xt=urn:btih:" + m.v1 + "&")
	}
	if m.v2 != "" {
		text.WriteString("xt=urn:btmh:1220" + m.v2 + "&")
	}
	text.WriteString("dn=" + escape(m.name))
	for _, tracker := range m.trackers {
		if parameter := "&tr=" + escape(tracker); text.Len()+len(parameter) < magnetRoom {
			text.WriteString(parameter)
		}
	}
	text.WriteString("&xl=" + strconv.FormatInt(m.totalLength, 10))
	magnet, _ := ParseMagnet(text.String()) // it is one
	return magnet
}

// escape writes a value of a magnet link. Blanks are %20, which no reader takes for
// anything else.
func escape(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }
