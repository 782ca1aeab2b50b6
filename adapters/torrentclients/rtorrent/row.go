package rtorrent

import (
	"strconv"
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
	r := row{name: name.String(), message: shorten(message.String())}
	parts := strings.SplitN(string(numbers.text), ":", len(rowFields))
	if numbers.kind != kindText || len(parts) != len(rowFields) {
		return r, malformed("a torrent without its numbers")
	}
	hash, err := domain.ParseInfoHash(parts[0])
	if err != nil {
		return r, malformed("a torrent without hash")
	}
	r.hash, r.throttle = hash, parts[len(parts)-1]
	var failed error
	at := 0
	number := func() int64 {
		at++
		n, err := strconv.ParseInt(parts[at], 10, 64)
		if err != nil || n < 0 {
			failed = malformed("a torrent with a bad " + rowFields[at])
		}
		return n
	}
	flag := func() bool { return number() != 0 }
	r.meta, r.started, r.active, r.open = flag(), flag(), flag(), flag()
	r.hashing, r.failed, r.complete = number(), flag(), flag()
	r.size, r.left = number(), number()
	r.chunkSize, r.chunks, r.completedChunks, r.wantedChunks = number(), number(), number(), number()
	r.verified = parts[len(parts)-2] == "1"
	r.finished, r.downRate, r.upRate, r.upTotal, r.perMille, r.peers = number(), number(), number(), number(), number(), number()
	return r, failed
}

// left out reports how many chunks are neither there nor wanted: some of the files
// are not to be downloaded.
func (r *row) leftOut() int64 {
	if r.meta || r.hashing != 0 {
		return 0
	}
	return max(0, r.chunks-r.completedChunks-r.wantedChunks)
}
