// Package jsonscan reads JSON in place, value by value, for who knows what is to come. Long lists are read with it, since
// encoding/json takes several times as long (BenchmarkDecode of the torrent clients). It knows of nothing but JSON; why it
// is a room of its own: docs/decisions/0020-one-json-scanner.md.
package jsonscan

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
)

// ErrMalformed is the one error of this package. Readers return it, too, for what is JSON but not what they expect.
var ErrMalformed = errors.New("it is not well-formed JSON, or not of the expected shape")

// maxDepth bounds the nesting of what is read; the deepest answer that is known has 8.
const maxDepth = 64

// Scanner stands before a value of a text. A method reads the value that it is named after, and the Scanner then stands
// behind it; when there is something else the error is ErrMalformed, and what is read after an error means nothing.
type Scanner struct {
	data  []byte
	pos   int
	depth int
}

// New returns a Scanner of a text, which must not change as long as anything read from it is in use.
func New(text []byte) *Scanner { return &Scanner{data: text} }

// Len returns how many bytes are left, to guess from how many values there may be.
func (s *Scanner) Len() int { return len(s.data) - s.pos }

// Peek returns the first byte of what comes next, 0 at the end.
func (s *Scanner) Peek() byte {
	for ; s.pos < len(s.data); s.pos++ {
		if c := s.data[s.pos]; c > ' ' || (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
			return c
		}
	}
	return 0
}

// Accept steps over c, which is not 0, if it comes next, and reports whether it did. With it arrays are read where a function
// per item costs too much.
func (s *Scanner) Accept(c byte) bool {
	if s.Peek() != c {
		return false
	}
	s.pos++
	return true
}

// list reads what is between opening and closing: items with commas between.
func (s *Scanner) list(opening, closing byte, item func() error) error {
	if !s.Accept(opening) || s.depth == maxDepth {
		return ErrMalformed
	}
	s.depth++
	defer func() { s.depth-- }()
	if s.Accept(closing) {
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if s.Accept(closing) {
			return nil
		}
		if !s.Accept(',') {
			return ErrMalformed
		}
	}
}

// Array reads an array. item is called before each value and must read it; its error ends the reading and is returned.
func (s *Scanner) Array(item func() error) error { return s.list('[', ']', item) }

// Object reads an object. member is called before each value and must read it; its error ends the reading and is returned.
// It may not keep key. A key that is there twice is told twice.
func (s *Scanner) Object(member func(key []byte) error) error {
	return s.list('{', '}', func() error {
		key, err := s.Text()
		if err != nil {
			return err
		}
		if !s.Accept(':') {
			return ErrMalformed
		}
		return member(key)
	})
}

// Text reads a string. The bytes may be the text's own: who keeps them copies them.
func (s *Scanner) Text() ([]byte, error) {
	if s.Peek() != '"' {
		return nil, ErrMalformed
	}
	start := s.pos
	end := bytes.IndexByte(s.data[start+1:], '"')
	if end < 0 {
		return nil, ErrMalformed
	}
	plain := s.data[start+1 : start+1+end]
	if Plain(plain) {
		s.pos = start + end + 2
		return plain, nil
	}
	if err := s.skipText(); err != nil {
		return nil, err
	}
	var text string
	if err := json.Unmarshal(s.data[start:s.pos], &text); err != nil {
		return nil, ErrMalformed
	}
	return []byte(text), nil
}

// Plain reports whether text is printable ASCII without a backslash, which can be taken as it stands.
func Plain[T string | []byte](text T) bool {
	for i := range len(text) {
		if c := text[i]; c == '\\' || c < ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// skipText steps over a string, to whose first quote pos points.
func (s *Scanner) skipText() error {
	for s.pos++; s.pos < len(s.data); {
		end := bytes.IndexByte(s.data[s.pos:], '"')
		if end < 0 {
			break
		}
		escape := bytes.IndexByte(s.data[s.pos:s.pos+end], '\\')
		if escape < 0 {
			s.pos += end + 1
			return nil
		}
		s.pos += escape + 2
	}
	s.pos = len(s.data)
	return ErrMalformed
}

// Number reads a number that fits into 64 bits: whole is exact if it is written without fraction and exponent, and cut off if
// not.
func (s *Scanner) Number() (whole int64, real float64, err error) {
	s.Peek()
	if whole, ok := s.digits(); ok {
		return whole, float64(whole), nil
	}
	raw := s.literal()
	if !json.Valid(raw) || raw[0] > '9' {
		return 0, 0, ErrMalformed
	}
	if !bytes.ContainsAny(raw, ".eE") {
		if whole, err = strconv.ParseInt(string(raw), 10, 64); err == nil {
			return whole, float64(whole), nil
		}
	}
	real, err = strconv.ParseFloat(string(raw), 64)
	if err != nil || math.Abs(real) >= 1<<63 {
		return 0, 0, ErrMalformed
	}
	return int64(real), real, nil
}

// digits reads the usual case, a whole number; it moves only when it succeeds.
func (s *Scanner) digits() (n int64, ok bool) {
	start := s.pos
	if start < len(s.data) && s.data[start] == '-' {
		start++
	}
	i := start
	for ; i < len(s.data) && i < start+18 && s.data[i]-'0' <= 9; i++ {
		n = n*10 + int64(s.data[i]-'0')
	}
	if i == start || i == len(s.data) || (s.data[start] == '0' && i > start+1) {
		return 0, false
	}
	if c := s.data[i]; c != ',' && c != ']' && c != '}' {
		return 0, false
	}
	if start > s.pos {
		n = -n
	}
	s.pos = i
	return n, true
}

// Bool reads true or false.
func (s *Scanner) Bool() (bool, error) {
	switch string(s.literal()) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, ErrMalformed
}

// literal reads what is neither string, array nor object, whatever it is.
func (s *Scanner) literal() []byte {
	s.Peek()
	start := s.pos
	for ; s.pos < len(s.data); s.pos++ {
		switch s.data[s.pos] {
		case ',', ']', '}', ' ', '\t', '\n', '\r', '"', ':', '[', '{':
			return s.data[start:s.pos]
		}
	}
	return s.data[start:s.pos]
}

// Skip reads any value and returns its text, which is the Scanner's own. Of arrays and objects only the brackets and strings
// are looked at, so that what is in them may be malformed; in return they may be nested to any depth.
func (s *Scanner) Skip() ([]byte, error) {
	c := s.Peek()
	start, depth := s.pos, 0
	if c != '{' && c != '[' && c != '"' {
		if raw := s.literal(); json.Valid(raw) {
			return raw, nil
		}
		return nil, ErrMalformed
	}
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case '"':
			if err := s.skipText(); err != nil {
				return nil, err
			}
			s.pos-- // stepped over again below
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		s.pos++
		if depth == 0 {
			return s.data[start:s.pos], nil
		}
	}
	return nil, ErrMalformed
}

// End returns ErrMalformed unless everything has been read.
func (s *Scanner) End() error {
	if s.Peek() != 0 || s.pos < len(s.data) {
		return ErrMalformed
	}
	return nil
}
