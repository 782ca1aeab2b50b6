package rtorrent

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// longestReference is how long &...; may be: there are only those that XML itself
// has, and numbers.
const longestReference = 12

// unescape resolves the references of a text.
func unescape(raw []byte) ([]byte, error) {
	text := make([]byte, 0, len(raw))
	for {
		start := bytes.IndexByte(raw, '&')
		if start < 0 {
			return append(text, raw...), nil
		}
		text, raw = append(text, raw[:start]...), raw[start+1:]
		length := bytes.IndexByte(raw[:min(len(raw), longestReference)], ';')
		if length < 1 {
			return nil, malformed("a reference without end")
		}
		r, err := reference(string(raw[:length]))
		if err != nil {
			return nil, err
		}
		text, raw = utf8.AppendRune(text, r), raw[length+1:]
	}
}

func reference(name string) (rune, error) {
	switch name {
	case "amp":
		return '&', nil
	case "lt":
		return '<', nil
	case "gt":
		return '>', nil
	case "quot":
		return '"', nil
	case "apos":
		return '\'', nil
	}
	if name[0] != '#' || len(name) == 1 {
		return 0, malformed("an unknown reference")
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	code, err := strconv.ParseUint(digits, base, 32)
	if err != nil || code > utf8.MaxRune {
		return 0, malformed("a reference to no character")
	}
	return rune(code), nil
}
