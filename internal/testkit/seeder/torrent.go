package seeder

import (
	"crypto/sha1"
	"encoding/hex"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
)

// File is a file of a torrent with several: where it lies below the torrent's folder, separated by slashes, and how long
// it is.
type File struct {
	Path string
	Size int
}

// torrent is the fixed part: a file, or several one after another, cut into pieces.
type torrent struct {
	name        string
	files       []File // none: it is one file
	payload     []byte
	pieceLength int
	info        []byte
	infoHash    [sha1.Size]byte
}

func newTorrent(name string, files []File, payload []byte, pieceLength int) torrent {
	var hashes []byte
	for piece := range slices.Chunk(payload, pieceLength) {
		hash := sha1.Sum(piece)
		hashes = append(hashes, hash[:]...)
	}
	info := map[string]any{"name": name, "piece length": pieceLength, "pieces": hashes}
	if len(files) == 0 {
		info["length"] = len(payload)
	} else {
		var list []any
		for _, file := range files {
			var path []any
			for element := range strings.SplitSeq(file.Path, "/") {
				path = append(path, element)
			}
			list = append(list, map[string]any{"length": file.Size, "path": path})
		}
		info["files"] = list
	}
	text := encode(info)
	return torrent{name: name, files: files, payload: payload, pieceLength: pieceLength, info: text, infoHash: sha1.Sum(text)}
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

// Name is the name of the file or of the folder, and the magnet's display name.
func (t *torrent) Name() string { return t.name }

// Files are the files of a torrent with several; none for one with a single file.
func (t *torrent) Files() []File { return slices.Clone(t.files) }

// Pieces counts the pieces.
func (t *torrent) Pieces() int { return t.pieces() }

// Payload is the content of the file, or of all files one after another. Not to be changed.
func (t *torrent) Payload() []byte { return t.payload }

// InfoHash is the torrent's v1 infohash in lower-case hex.
func (t *torrent) InfoHash() string { return hex.EncodeToString(t.infoHash[:]) }

// Magnet is the magnet link: infohash and display name, no trackers, no peers.
func (t *torrent) Magnet() string {
	return "magnet:?xt=urn:btih:" + t.InfoHash() + "&dn=" + url.QueryEscape(t.name)
}

// Metainfo is the .torrent file, with a tracker if one is given.
func (t *torrent) Metainfo(tracker ...string) []byte {
	text := []byte{'d'}
	if len(tracker) > 0 {
		text = slices.Concat(text, encode("announce"), encode(tracker[0]))
	}
	// The info dictionary goes in as the very bytes that were hashed.
	return slices.Concat(text, []byte("4:info"), t.info, []byte("e"))
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
