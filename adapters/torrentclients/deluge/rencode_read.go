package deluge

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strconv"
)

var errMalformed = errors.New("malformed rencode")

const (
	deepest       = 32 // lists in lists
	longestNumber = 30 // digits
)

// reader reads rencode piece by piece, so that long lists need no memory beside
// what is kept of them. Its errors are all errMalformed.
type reader struct {
	data []byte
	at   int
	deep int
}

// next returns the code of the next value; codeEnd behind the end.
func (r *reader) next() byte {
	if r.at >= len(r.data) {
		return codeEnd
	}
	return r.data[r.at]
}

// take returns the next n bytes.
func (r *reader) take(n int) ([]byte, error) {
	if n < 0 || n > len(r.data)-r.at {
		return nil, errMalformed
	}
	part := r.data[r.at : r.at+n]
	r.at += n
	return part, nil
}

// until returns what is before the byte end, which must come within limit bytes,
// and passes over it.
func (r *reader) until(end byte, limit int) ([]byte, error) {
	window := r.data[r.at:min(len(r.data), r.at+limit+1)]
	n := bytes.IndexByte(window, end)
	if n < 0 {
		return nil, errMalformed
	}
	r.at += n + 1
	return window[:n], nil
}

// end errs when something is left.
func (r *reader) end() error {
	if r.at != len(r.data) {
		return errMalformed
	}
	return nil
}

// enter goes into a list or a dictionary and returns how many elements or pairs it
// has; -1 when that is told by codeEnd behind the last.
func (r *reader) enter(first, count, open byte) (int, error) {
	code, err := r.take(1)
	switch {
	case err != nil || r.deep >= deepest:
		return 0, errMalformed
	case code[0] == open:
		r.deep++
		return -1, nil
	case code[0] >= first && code[0]-first < count:
		r.deep++
		return int(code[0] - first), nil
	}
	return 0, errMalformed
}

// more reports whether there is one after n, and otherwise leaves the list.
func (r *reader) more(n, count int) bool {
	if n == count || (count < 0 && r.next() == codeEnd) {
		if count < 0 {
			r.at++ // behind the end, too, so that end errs
		}
		r.deep--
		return false
	}
	return true
}

// list calls each at each element, which it must read.
func (r *reader) list(each func() error) error {
	count, err := r.enter(shortList, shortLists, codeList)
	if err != nil {
		return err
	}
	for n := 0; r.more(n, count); n++ {
		if err := each(); err != nil {
			return err
		}
	}
	return nil
}

// dict calls each at each value, which it must read. Keys are texts.
func (r *reader) dict(each func(key []byte) error) error {
	count, err := r.enter(shortDict, shortDicts, codeDict)
	if err != nil {
		return err
	}
	for n := 0; r.more(n, count); n++ {
		key, err := r.text()
		if err != nil {
			return err
		}
		if err := each(key); err != nil {
			return err
		}
	}
	return nil
}

// atText reports whether the next value is a text.
func (r *reader) atText() bool {
	code := r.next()
	return (code >= shortText && code < shortList) || (code >= '0' && code <= '9')
}

// text reads a text; none is "".
func (r *reader) text() ([]byte, error) {
	code := r.next()
	switch {
	case code == codeNone:
		r.at++
		return nil, nil
	case code >= shortText && code < shortList:
		r.at++
		return r.take(int(code - shortText))
	case code < '0' || code > '9':
		return nil, errMalformed
	}
	digits, err := r.until(':', longestNumber)
	if err != nil {
		return nil, err
	}
	length, err := strconv.ParseUint(string(digits), 10, 31)
	if err != nil {
		return nil, errMalformed
	}
	return r.take(int(length))
}

// number reads a whole number or a fraction; true is 1, false and none are 0.
func (r *reader) number() (whole int64, real float64, err error) {
	code, err := r.take(1)
	if err != nil {
		return 0, 0, err
	}
	switch kind := code[0]; {
	case kind < shortInts:
		whole = int64(kind)
	case kind >= shortNegative && kind-shortNegative < shortNegatives:
		whole = -1 - int64(kind-shortNegative)
	case kind == codeTrue:
		whole = 1
	case kind == codeFalse || kind == codeNone:
	case kind == codeFloat32 || kind == codeFloat64:
		return r.fraction(kind)
	case kind >= codeDigits && kind <= codeInt64:
		whole, err = r.integer(kind)
	default:
		err = errMalformed
	}
	return whole, float64(whole), err
}

func (r *reader) integer(kind byte) (int64, error) {
	if kind == codeDigits {
		digits, err := r.until(codeEnd, longestNumber)
		if err != nil {
			return 0, err
		}
		whole, err := strconv.ParseInt(string(digits), 10, 64)
		if err != nil {
			return 0, errMalformed
		}
		return whole, nil
	}
	raw, err := r.take(1 << (kind - codeInt8))
	if err != nil {
		return 0, err
	}
	whole := int64(int8(raw[0]))
	for _, b := range raw[1:] {
		whole = whole<<8 | int64(b)
	}
	return whole, nil
}

func (r *reader) fraction(kind byte) (int64, float64, error) {
	var real float64
	if kind == codeFloat32 {
		raw, err := r.take(4)
		if err != nil {
			return 0, 0, err
		}
		real = float64(math.Float32frombits(binary.BigEndian.Uint32(raw)))
	} else {
		raw, err := r.take(8)
		if err != nil {
			return 0, 0, err
		}
		real = math.Float64frombits(binary.BigEndian.Uint64(raw))
	}
	if math.IsNaN(real) || math.Abs(real) > 1<<62 {
		return 0, 0, errMalformed
	}
	return int64(real), real, nil
}

// skip passes over any value.
func (r *reader) skip() error {
	switch code := r.next(); {
	case code == codeList || code >= shortList:
		return r.list(r.skip)
	case code == codeDict || (code >= shortDict && code-shortDict < shortDicts):
		return r.skipDict()
	case r.atText():
		_, err := r.text()
		return err
	}
	_, _, err := r.number()
	return err
}

// skipDict passes over a dictionary whose keys may be anything.
func (r *reader) skipDict() error {
	count, err := r.enter(shortDict, shortDicts, codeDict)
	if err != nil {
		return err
	}
	for n := 0; r.more(n, count); n++ {
		if err := r.skip(); err != nil {
			return err
		}
		if err := r.skip(); err != nil {
			return err
		}
	}
	return nil
}

// string reads a text that is kept.
func (r *reader) string() (string, error) {
	text, err := r.text()
	return string(text), err
}
