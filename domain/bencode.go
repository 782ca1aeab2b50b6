package domain

import (
	"bytes"
	"errors"
	"math"
	"strconv"
)

const (
	// maxBencodeDepth is how deep lists and dictionaries may be nested; the folders of
	// a v2 torrent are nested dictionaries.
	maxBencodeDepth = 100
	// maxBencodeValues bounds the time that reading takes: a torrent of 100,000 files
	// has fewer.
	maxBencodeValues = 1_000_000
)

var errNotBencode = errors.New("it is not well-formed bencode")

// bencode is one value of BEP 3's encoding, still in the text that it was read from.
// Nothing is decoded before it is asked for, so that no value, however it is made,
// takes more memory than its text.
type bencode []byte

// cutBencode returns the value that text begins with, and what follows it.
func cutBencode(text []byte) (value bencode, rest []byte, err error) {
	end, err := bencodeEnd(text)
	if err != nil {
		return nil, nil, err
	}
	return text[:end], text[end:], nil
}

// bencodeEnd returns the length of the value that text begins with. All of it is
// well formed, to its depth.
func bencodeEnd(text []byte) (int, error) {
	// open has for every container that we are in whether it is a dictionary, and
	// wantsKey whether a key is next in the innermost one.
	var open []bool
	wantsKey, values := false, 0
	for at := 0; at < len(text); {
		if values++; values > 2*maxBencodeValues { // ends count, too
			return 0, errors.New("it has too many parts")
		}
		switch c := text[at]; {
		case c == 'e' && len(open) > 0 && (!open[len(open)-1] || wantsKey):
			open, wantsKey = open[:len(open)-1], false
			at++
		case wantsKey && (c < '0' || c > '9'):
			return 0, errNotBencode
		case c == 'd' || c == 'l':
			if len(open) == maxBencodeDepth {
				return 0, errors.New("it is nested too deep")
			}
			open = append(open, c == 'd')
			wantsKey = c == 'd'
			at++
			continue
		default:
			end, err := scalarEnd(text[at:])
			if err != nil {
				return 0, err
			}
			at += end
		}
		if len(open) == 0 {
			return at, nil
		}
		// A value, or a container, has just ended; or it was a key.
		wantsKey = open[len(open)-1] && !wantsKey
	}
	return 0, errNotBencode
}

// scalarEnd is the length of a number or a byte string.
func scalarEnd(text []byte) (int, error) {
	if text[0] == 'i' {
		end := bytes.IndexByte(text[:min(len(text), 1+20+1)], 'e') // 20: as long as int64 can be
		if end < 0 {
			return 0, errNotBencode
		}
		digits := bytes.TrimPrefix(text[1:end], []byte("-"))
		if !isDecimal(digits) {
			return 0, errNotBencode
		}
		return end + 1, nil
	}
	colon := bytes.IndexByte(text[:min(len(text), 11)], ':')
	if colon < 0 || !isDecimal(text[:colon]) {
		return 0, errNotBencode
	}
	length, err := strconv.Atoi(string(text[:colon]))
	if err != nil || length > len(text)-colon-1 {
		return 0, errNotBencode
	}
	return colon + 1 + length, nil
}

// isDecimal reports whether digits are a number as BEP 3 writes it: without zeros in
// front.
func isDecimal(digits []byte) bool {
	for _, c := range digits {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(digits) == 1 || len(digits) > 1 && digits[0] != '0'
}

// number reads an integer that int64 holds.
func (b bencode) number() (int64, bool) {
	if len(b) == 0 || b[0] != 'i' {
		return 0, false
	}
	n, err := strconv.ParseInt(string(b[1:len(b)-1]), 10, 64)
	return n, err == nil
}

// bytes reads a byte string; nil, false when it is none.
func (b bencode) bytes() ([]byte, bool) {
	if len(b) == 0 || b[0] < '0' || b[0] > '9' {
		return nil, false
	}
	_, content, _ := bytes.Cut(b, []byte(":"))
	return content, true
}

// isDictionary and isList tell what else there is.
func (b bencode) isDictionary() bool { return len(b) > 0 && b[0] == 'd' }

func (b bencode) isList() bool { return len(b) > 0 && b[0] == 'l' }

// list calls visit for every item, until it returns false.
func (b bencode) list(visit func(item bencode) bool) {
	if !b.isList() {
		return
	}
	for rest := b[1 : len(b)-1]; len(rest) > 0; {
		var item bencode
		if item, rest, _ = cutBencode(rest); item == nil || !visit(item) {
			return // nil: cannot be, all of b is well formed
		}
	}
}

// dictionary calls visit for every entry in the order they are written in, until it
// returns false.
func (b bencode) dictionary(visit func(key []byte, value bencode) bool) {
	if !b.isDictionary() {
		return
	}
	for rest := b[1 : len(b)-1]; len(rest) > 0; {
		var key, value bencode
		if key, rest, _ = cutBencode(rest); key == nil {
			return
		}
		if value, rest, _ = cutBencode(rest); value == nil {
			return
		}
		name, _ := key.bytes()
		if !visit(name, value) {
			return
		}
	}
}

// entries returns the values that a dictionary has under names, in their order; nil for
// one that it does not have. Of several with one name, which no encoder writes, the
// first counts, as in most clients.
func (b bencode) entries(names ...string) []bencode {
	found := make([]bencode, len(names))
	b.dictionary(func(key []byte, value bencode) bool {
		for i, name := range names {
			if string(key) == name && found[i] == nil {
				found[i] = value
			}
		}
		return true
	})
	return found
}

// addLengths adds sizes, unless they are more than any disk has.
func addLengths(a, b int64) (int64, bool) {
	if b < 0 || a > math.MaxInt64-b {
		return 0, false
	}
	return a + b, true
}
