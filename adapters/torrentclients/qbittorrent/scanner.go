package qbittorrent

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
)

var errMalformed = errors.New("the answer is not well-formed JSON, or not of the expected shape")

// maxDepth bounds the nesting of an answer; real ones have 4.
const maxDepth = 64

// scanner reads JSON in place, value by value. Long lists of torrents are read
// with it since encoding/json takes several times as long as the daemon does to
// write them (BenchmarkDecode).
type scanner struct {
	data  []byte
	pos   int
	depth int
}

// peek returns the first byte of the next token, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.pos < len(s.data); s.pos++ {
		if c := s.data[s.pos]; c > ' ' || (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
			return c
		}
	}
	return 0
}

func (s *scanner) accept(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// list reads what is between opening and closing: items with commas between.
func (s *scanner) list(opening, closing byte, item func() error) error {
	if !s.accept(opening) || s.depth == maxDepth {
		return errMalformed
	}
	s.depth++
	defer func() { s.depth-- }()
	if s.accept(closing) {
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if s.accept(closing) {
			return nil
		}
		if !s.accept(',') {
			return errMalformed
		}
	}
}

// array reads an array; item must read one value.
func (s *scanner) array(item func() error) error { return s.list('[', ']', item) }

// object reads an object; member must read the value of key, which it may not
// keep.
func (s *scanner) object(member func(key []byte) error) error {
	return s.list('{', '}', func() error {
		key, err := s.text()
		if err != nil {
			return err
		}
		if !s.accept(':') {
			return errMalformed
		}
		return member(key)
	})
}

// text reads a string; the bytes may lie in the data.
func (s *scanner) text() ([]byte, error) {
	if s.peek() != '"' {
		return nil, errMalformed
	}
	start := s.pos
	end := bytes.IndexByte(s.data[start+1:], '"')
	if end < 0 {
		return nil, errMalformed
	}
	plain := s.data[start+1 : start+1+end]
	if !special(plain) {
		s.pos = start + end + 2
		return plain, nil
	}
	if err := s.skipText(); err != nil {
		return nil, err
	}
	var text string
	if err := json.Unmarshal(s.data[start:s.pos], &text); err != nil {
		return nil, errMalformed
	}
	return []byte(text), nil
}

// special reports whether a string needs more than copying.
func special[text string | []byte](t text) bool {
	for i := range len(t) {
		if c := t[i]; c == '\\' || c < ' ' || c >= 0x7f {
			return true
		}
	}
	return false
}

// skipText steps over a string, to whose first quote pos points.
func (s *scanner) skipText() error {
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
	return errMalformed
}

// number reads a number, exactly when it is whole.
func (s *scanner) number() (whole int64, real float64, err error) {
	s.peek()
	if whole, ok := s.digits(); ok {
		return whole, float64(whole), nil
	}
	raw := s.literal()
	if !json.Valid(raw) || raw[0] > '9' {
		return 0, 0, errMalformed
	}
	if !bytes.ContainsAny(raw, ".eE") {
		if whole, err = strconv.ParseInt(string(raw), 10, 64); err == nil {
			return whole, float64(whole), nil
		}
	}
	real, err = strconv.ParseFloat(string(raw), 64)
	if err != nil || math.Abs(real) >= 1<<63 {
		return 0, 0, errMalformed
	}
	return int64(real), real, nil
}

// digits reads the usual case, a whole number; it moves only when it succeeds.
func (s *scanner) digits() (n int64, ok bool) {
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

// literal reads what is neither string, list nor object.
func (s *scanner) literal() []byte {
	s.peek()
	start := s.pos
	for ; s.pos < len(s.data); s.pos++ {
		switch s.data[s.pos] {
		case ',', ']', '}', ' ', '\t', '\n', '\r', '"', ':', '[', '{':
			return s.data[start:s.pos]
		}
	}
	return s.data[start:s.pos]
}

// skip reads any value and returns its text. Only its brackets and strings are
// looked at.
func (s *scanner) skip() ([]byte, error) {
	c := s.peek()
	start, depth := s.pos, 0
	if c != '{' && c != '[' && c != '"' {
		if raw := s.literal(); json.Valid(raw) {
			return raw, nil
		}
		return nil, errMalformed
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
	return nil, errMalformed
}

// end errs unless everything has been read.
func (s *scanner) end() error {
	if s.peek() != 0 || s.pos < len(s.data) {
		return errMalformed
	}
	return nil
}

// boolean reads true or false.
func (s *scanner) boolean() (bool, error) {
	switch string(s.literal()) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errMalformed
}
