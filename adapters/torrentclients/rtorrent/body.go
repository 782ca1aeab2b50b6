package rtorrent

import (
	"bytes"
	"errors"
	"io"
)

// blockSize is how much of a body is read at a time.
const blockSize = 1 << 20

// readBody reads a body of a length, or up to its end where that is -1. What is too
// large is held once, and not moved about while it grows.
func readBody(from io.Reader, length, limit int64) ([]byte, error) {
	most := limit + 1
	if length >= 0 {
		most = length
	}
	var blocks [][]byte
	var total int64
	for total < most {
		block := make([]byte, min(blockSize, most-total))
		n, err := io.ReadFull(from, block)
		blocks, total = append(blocks, block[:n]), total+int64(n)
		switch {
		case total > limit:
			return nil, tooLarge(limit)
		case length < 0 && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
			return bytes.Join(blocks, nil), nil
		case errors.Is(err, io.EOF):
			return nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, err
		}
	}
	return bytes.Join(blocks, nil), nil
}
