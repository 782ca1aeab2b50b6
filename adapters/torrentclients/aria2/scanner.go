package aria2

import (
	"bytes"
	"encoding/json"
	"errors"
)

var errMalformed = errors.New("the answer is not well-formed JSON, or not of the expected shape")

// maxDepth bounds the nesting of an answer; real ones have 8.
const maxDepth = 64

// scanner reads JSON in place, value by value. Lists of downloads are read with it:
// encoding/json takes longer than the daemon does to write them.
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
func special(text []byte) bool {
	for _, c := range text {
		if c == '\\' || c < ' ' || c >= 0x7f {
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

// count reads a whole number that is not negative, as aria2 writes them: in a
// string.
func (s *scanner) count() (n int64, err error) {
	text, err := s.text()
	if err != nil || len(text) == 0 || len(text) > 18 {
		return 0, errMalformed
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, errMalformed
		}
		n = n*10 + int64(c-'0')
	}
	return n, nil
}

// flag reads a "true" or a "false", which aria2 writes as strings as well.
func (s *scanner) flag() (bool, error) {
	text, err := s.text()
	switch {
	case err != nil:
		return false, err
	case string(text) == "true":
		return true, nil
	case string(text) == "false":
		return false, nil
	}
	return false, errMalformed
}

// skip reads any value and returns its text. Only its brackets and strings are
// looked at.
func (s *scanner) skip() ([]byte, error) {
	c := s.peek()
	start, depth := s.pos, 0
	if c != '{' && c != '[' && c != '"' {
		return s.literal()
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

// literal reads what is neither string, list nor object.
func (s *scanner) literal() ([]byte, error) {
	start := s.pos
	for s.pos < len(s.data) && !bytes.ContainsRune([]byte(",]} \t\n\r\":[{"), rune(s.data[s.pos])) {
		s.pos++
	}
	if raw := s.data[start:s.pos]; json.Valid(raw) {
		return raw, nil
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

// string is text for keeping.
func (s *scanner) string() (string, error) {
	text, err := s.text()
	return string(text), err
}
