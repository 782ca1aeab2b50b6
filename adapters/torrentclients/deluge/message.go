package deluge

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/clarion-app/download-manager/domain"
)

// protocolVersion begins every message of Deluge 2; then come four bytes of length
// and that many of zlib.
const protocolVersion = 1

// The kinds of message that a daemon sends.
const (
	messageAnswer  = 1
	messageRefusal = 2 // 3 is an event, which nobody has asked for
)

// call is a method with its arguments.
type call struct {
	method    string
	arguments []any
	keywords  map[string]any
}

// pack writes a message of calls, numbered from first.
func pack(first int64, calls []call) []byte {
	requests := make([]any, len(calls))
	for i, c := range calls {
		keywords := c.keywords
		if keywords == nil {
			keywords = map[string]any{}
		}
		requests[i] = []any{first + int64(i), c.method, append([]any{}, c.arguments...), keywords}
	}
	message := bytes.NewBuffer([]byte{protocolVersion, 0, 0, 0, 0})
	deflate := zlib.NewWriter(message)
	_, _ = deflate.Write(encode(nil, requests)) // memory takes all
	_ = deflate.Close()
	packed := message.Bytes()
	binary.BigEndian.PutUint32(packed[1:], uint32(len(packed)-5))
	return packed
}

// unpack reads one message. More than limit bytes, packed or unpacked, are not read.
func unpack(from *bufio.Reader, limit int64) ([]byte, error) {
	var header [5]byte
	if _, err := io.ReadFull(from, header[:]); err != nil {
		return nil, err
	}
	length := int64(binary.BigEndian.Uint32(header[1:]))
	switch {
	case header[0] != protocolVersion:
		return nil, nonsense(fmt.Errorf("version %d of the protocol, where Deluge 2 has 1", header[0]))
	case length > limit:
		return nil, tooLarge(limit)
	}
	packed := io.LimitedReader{R: from, N: length}
	inflate, err := zlib.NewReader(&packed)
	if err != nil {
		return nil, inflating(err)
	}
	var message bytes.Buffer
	n, err := message.ReadFrom(io.LimitReader(inflate, limit+1))
	switch {
	case err != nil:
		return nil, inflating(err)
	case n > limit:
		return nil, tooLarge(limit)
	}
	_, err = io.Copy(io.Discard, &packed) // what is behind the end of zlib, if anything
	return message.Bytes(), err
}

// inflating tells broken zlib from a broken connection.
func inflating(err error) error {
	if errors.Is(err, zlib.ErrHeader) || errors.Is(err, zlib.ErrChecksum) || errors.Is(err, zlib.ErrDictionary) {
		return nonsense(err)
	}
	return err
}

func tooLarge(limit int64) error {
	return domain.Unavailable(nil, "deluge's answer is larger than %d MB", limit>>20)
}

// answer is what came back to one call: a value, or a *refusal.
type answer struct {
	value []byte
	err   error
}

// read reads the value, all of it.
func (a answer) read(value func(*reader) error) error {
	if a.err != nil {
		return a.err
	}
	r := reader{data: a.value}
	err := value(&r)
	if err == nil {
		err = r.end()
	}
	if errors.Is(err, errMalformed) {
		return nonsense(err)
	}
	return err
}

// open reads the envelope of a message; mine is false for what answers no call.
func open(message []byte) (id int64, a answer, mine bool, err error) {
	r := reader{data: message}
	count, err := r.enter(shortList, shortLists, codeList)
	if err != nil {
		return 0, a, false, nonsense(err)
	}
	kind, _, err := r.number()
	if err == nil && kind != messageAnswer && kind != messageRefusal {
		return 0, a, false, nil
	}
	if err == nil {
		id, _, err = r.number()
	}
	if err != nil {
		return 0, a, false, nonsense(err)
	}
	// What is left is read by who has asked.
	a.value = message[r.at:]
	if count < 0 {
		a.value = bytes.TrimSuffix(a.value, []byte{codeEnd})
	}
	if kind == messageRefusal {
		if a.err, err = readRefusal(&r); err != nil {
			return 0, a, false, nonsense(err)
		}
	}
	return id, a, true, nil
}
