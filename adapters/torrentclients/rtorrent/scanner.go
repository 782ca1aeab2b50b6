package rtorrent

import (
	"bytes"
	"errors"
	"fmt"
)

const (
	// deepest is how far values may nest: answers have four levels.
	deepest = 16
	// mostValues bounds what an answer is made of, to some 100 MB of memory: 5,000
	// torrents are 20,000 values.
	mostValues = 1_500_000
)

var errMalformed = errors.New("malformed answer")

// scanner reads the XML of answers. encoding/xml takes five times as long, and
// refuses what daemons do write: control characters and broken UTF-8 of names.
// There is nothing here that expands, no document type and no entity of one.
type scanner struct {
	data   []byte
	at     int
	values int
}

func malformed(what string) error { return fmt.Errorf("%w (%s)", errMalformed, what) }

// blank passes over white space.
func (s *scanner) blank() {
	for s.at < len(s.data) {
		switch s.data[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// accept passes over text if it is next.
func (s *scanner) accept(text string) bool {
	if len(s.data)-s.at < len(text) || string(s.data[s.at:s.at+len(text)]) != text {
		return false
	}
	s.at += len(text)
	return true
}

// expect passes over white space and text.
func (s *scanner) expect(text string) error {
	s.blank()
	if !s.accept(text) {
		return malformed("no " + text)
	}
	return nil
}

// prolog passes over what comes before the answer: the XML declaration, and
// comments.
func (s *scanner) prolog() error {
	s.accept("\uFEFF")
	for {
		s.blank()
		var end string
		switch {
		case s.accept("<?"):
			end = "?>"
		case s.accept("<!--"):
			end = "-->"
		default:
			return nil
		}
		length := bytes.Index(s.data[s.at:], []byte(end))
		if length < 0 {
			return malformed("a prolog without end")
		}
		s.at += length + len(end)
	}
}

// tag reads "<name>" or "<name/>", and whether it is the latter.
func (s *scanner) tag() (name []byte, empty bool, err error) {
	if s.at >= len(s.data) || s.data[s.at] != '<' {
		return nil, false, malformed("no tag")
	}
	rest := s.data[s.at+1:]
	length := bytes.IndexByte(rest[:min(len(rest), 64)], '>')
	if length < 1 {
		return nil, false, malformed("a tag without end")
	}
	s.at += length + 2
	name = rest[:length]
	if name[length-1] == '/' {
		return bytes.TrimRight(name[:length-1], " "), true, nil
	}
	return name, false, nil
}

// text reads up to the next tag, with its references resolved. What comes is
// often a part of the answer itself, so that nothing is copied.
func (s *scanner) text() ([]byte, error) {
	length := bytes.IndexByte(s.data[s.at:], '<')
	if length < 0 {
		return nil, malformed("a text without end")
	}
	raw := s.data[s.at : s.at+length]
	s.at += length
	if bytes.IndexByte(raw, '&') < 0 {
		return raw, nil
	}
	return unescape(raw)
}
