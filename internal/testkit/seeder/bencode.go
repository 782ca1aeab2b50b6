package seeder

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

var errBencode = errors.New("not bencode")

// encode writes int, string, []byte, []any and map[string]any values: all that a torrent and the extension protocol are
// made of.
func encode(value any) []byte {
	switch v := value.(type) {
	case int:
		return fmt.Appendf(nil, "i%de", v)
	case string:
		return fmt.Appendf(nil, "%d:%s", len(v), v)
	case []byte:
		return encode(string(v))
	case []any:
		text := []byte{'l'}
		for _, item := range v {
			text = append(text, encode(item)...)
		}
		return append(text, 'e')
	case map[string]any:
		text := []byte{'d'}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			text = append(text, encode(key)...)
			text = append(text, encode(v[key])...)
		}
		return append(text, 'e')
	default:
		panic(fmt.Sprintf("seeder: cannot bencode a %T", value))
	}
}

// decode reads one value from the start of text and returns what follows it. Dictionaries become map[string]any, lists
// []any, byte strings string and integers int.
func decode(text []byte) (value any, rest []byte, err error) {
	if len(text) == 0 {
		return nil, nil, errBencode
	}
	switch text[0] {
	case 'i':
		digits, rest, found := bytes.Cut(text[1:], []byte("e"))
		number, err := strconv.Atoi(string(digits))
		if !found || err != nil {
			return nil, nil, errBencode
		}
		return number, rest, nil
	case 'l':
		return decodeList(text[1:])
	case 'd':
		list, rest, err := decodeList(text[1:])
		if err != nil || len(list)%2 != 0 {
			return nil, nil, errBencode
		}
		dictionary := make(map[string]any, len(list)/2)
		for pair := range slices.Chunk(list, 2) {
			key, ok := pair[0].(string)
			if !ok {
				return nil, nil, errBencode
			}
			dictionary[key] = pair[1]
		}
		return dictionary, rest, nil
	default:
		digits, rest, found := bytes.Cut(text, []byte(":"))
		length, err := strconv.Atoi(string(digits))
		if !found || err != nil || length < 0 || length > len(rest) {
			return nil, nil, errBencode
		}
		return string(rest[:length]), rest[length:], nil
	}
}

func decodeList(text []byte) (list []any, rest []byte, err error) {
	for len(text) > 0 {
		if text[0] == 'e' {
			return list, text[1:], nil
		}
		var value any
		if value, text, err = decode(text); err != nil {
			return nil, nil, err
		}
		list = append(list, value)
	}
	return nil, nil, errBencode
}
