package figure

import (
	"errors"
	"io"
	"sync"
)

var buffers = sync.Pool{New: func() any { return make([]byte, 1<<20) }}

// Drain reads to the end, throws it away, and returns how much it was. It takes large pieces: io.Discard would take small
// ones, and be woken up for each.
func Drain(from io.Reader) (size int64, err error) {
	buffer := buffers.Get().([]byte)
	defer buffers.Put(buffer) //nolint:staticcheck // what is allocated for the slice itself does not matter
	for {
		n, err := from.Read(buffer)
		size += int64(n)
		switch {
		case errors.Is(err, io.EOF):
			return size, nil
		case err != nil:
			return size, err
		}
	}
}
