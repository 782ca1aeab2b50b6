package rtorrent

import (
	"bytes"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// rowFields are the numbers of a torrent, in the order in which they are asked
// for. They come in one text, joined by the daemon itself: a value of XML each
// would take three times the bytes, and twice the time of either side.
var rowFields = []string{
	"d.hash", "d.is_meta", "d.state", "d.is_active", "d.is_open", "d.hashing", "d.hashing_failed", "d.complete",
	"d.size_bytes", "d.left_bytes", "d.chunk_size", "d.size_chunks", "d.completed_chunks", "d.wanted_chunks",
	"d.timestamp.finished", "d.down.rate", "d.up.rate", "d.up.total", "d.ratio", "d.peers_connected", verifiedField,
	"d.throttle_name", // the only text, and the last, so that it may hold anything
}

const verifiedField = "d.custom=" + verified

// rowCommand writes the row of a torrent. There is no text of anybody's in it: the
// daemon evaluates it.
var rowCommand = "cat=$" + strings.ReplaceAll(strings.Join(rowFields, "=,:,$")+"=", verifiedField+"=", verifiedField)

// row is a torrent as the daemon reports it, in its own terms.
type row struct {
	hash                                                 domain.InfoHash
	meta, started, active, open, failed, complete        bool
	verified                                             bool
	hashing                                              int64
	size, left                                           int64
	chunkSize, chunks, completedChunks, wantedChunks     int64
	finished, downRate, upRate, upTotal, perMille, peers int64
	throttle, name, message                              string
}

// readRow reads what rowCommand wrote, and the two texts beside it.
func readRow(numbers, name, message value) (row, error) {
	r := row{name: name.String()}
	if len(message.text) > 0 {
		r.message = shorten(message.String())
	}
	fields := splitter{rest: numbers.text}
	hash, err := domain.ParseInfoHash(string(fields.next()))
	if err != nil || numbers.kind != kindText {
		return r, malformed("a torrent without hash, or numbers")
	}
	r.hash = hash
	r.meta, r.started, r.active, r.open = fields.flag(), fields.flag(), fields.flag(), fields.flag()
	r.hashing, r.failed, r.complete = fields.number(), fields.flag(), fields.flag()
	r.size, r.left = fields.number(), fields.number()
	r.chunkSize, r.chunks, r.completedChunks, r.wantedChunks = fields.number(), fields.number(), fields.number(), fields.number()
	r.finished, r.downRate, r.upRate, r.upTotal = fields.number(), fields.number(), fields.number(), fields.number()
	r.perMille, r.peers = fields.number(), fields.number()
	r.verified = string(fields.next()) == "1"
	r.throttle = string(fields.rest)
	if fields.bad {
		return r, malformed("a torrent with a bad number")
	}
	return r, nil
}

// splitter takes a row apart. bad says that something was not as it should be.
type splitter struct {
	rest []byte
	bad  bool
}

// next returns what is before the next colon.
func (s *splitter) next() []byte {
	before, rest, found := bytes.Cut(s.rest, []byte(":"))
	s.rest, s.bad = rest, s.bad || !found
	return before
}

// number reads digits. It is written out, as the numbers are most of an answer.
func (s *splitter) number() int64 {
	text := s.next()
	if len(text) == 0 || len(text) > 18 {
		s.bad = true
		return 0
	}
	var n int64
	for _, digit := range text {
		if digit < '0' || digit > '9' {
			s.bad = true
			return 0
		}
		n = 10*n + int64(digit-'0')
	}
	return n
}

func (s *splitter) flag() bool { return s.number() != 0 }

// left out reports how many chunks are neither there nor wanted: some of the files
// are not to be downloaded.
func (r *row) leftOut() int64 {
	if r.meta || r.hashing != 0 {
		return 0
	}
	return max(0, r.chunks-r.completedChunks-r.wantedChunks)
}
