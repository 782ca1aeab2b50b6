package seeder

import (
	"crypto/sha1"
	"encoding/hex"
	"math/rand/v2"
	"net/url"
	"slices"
)

// torrent is the fixed part: one file, cut into pieces.
type torrent struct {
	name        string
	payload     []byte
	pieceLength int
	info        []byte
	infoHash    [sha1.Size]byte
}

func newTorrent(name string, payload []byte, pieceLength int) torrent {
	var hashes []byte
	for piece := range slices.Chunk(payload, pieceLength) {
		hash := sha1.Sum(piece)
		hashes = append(hashes, hash[:]...)
	}
	info := encode(map[string]any{
		"length":       len(payload),
		"name":         name,
		"piece length": pieceLength,
		"pieces":       hashes,
	})
	return torrent{name: name, payload: payload, pieceLength: pieceLength, info: info, infoHash: sha1.Sum(info)}
}

func (t *torrent) pieces() int {
	return (len(t.payload) + t.pieceLength - 1) / t.pieceLength
}

// bytes returns the block's content, or nil when there is no such block.
func (t *torrent) bytes(b block) []byte {
	start := b.piece*t.pieceLength + b.begin
	if b.piece >= t.pieces() || b.length > longestBlock || b.begin+b.length > t.pieceLength ||
		start+b.length > len(t.payload) {
		return nil
	}
	return t.payload[start : start+b.length]
}

// Name is the file's name, and the magnet's display name.
func (t *torrent) Name() string { return t.name }

// Payload is the file's content. Not to be changed.
func (t *torrent) Payload() []byte { return t.payload }

// InfoHash is the torrent's v1 infohash in lower-case hex.
func (t *torrent) InfoHash() string { return hex.EncodeToString(t.infoHash[:]) }

// Magnet is the magnet link: infohash and display name, no trackers, no peers.
func (t *torrent) Magnet() string {
	return "magnet:?xt=urn:btih:" + t.InfoHash() + "&dn=" + url.QueryEscape(t.name)
}

// Metainfo is the .torrent file.
func (t *torrent) Metainfo() []byte {
	// The info dictionary goes in as the very bytes that were hashed.
	return slices.Concat([]byte("d4:info"), t.info, []byte("e"))
}

// Payload returns n bytes that look random and are the same for the same seed, on every machine.
func Payload(seed int64, n int) []byte {
	payload := make([]byte, n)
	random := rand.NewChaCha8([32]byte(encodeSeed(seed)))
	_, _ = random.Read(payload) // never fails
	return payload
}

func encodeSeed(seed int64) []byte {
	return append(make([]byte, 24), uint32s(int(seed>>32), int(seed&0xffffffff))...)
}
