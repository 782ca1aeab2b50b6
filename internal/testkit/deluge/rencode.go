package deluge

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// Rencode is how Deluge writes values: like bencode, with a byte for what is short. Here: nil, bool, int, string, []any and
// map[string]any; also float64 when read.

var errRencode = errors.New("malformed rencode")

func encode(to []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(to, 69)
	case bool:
		if v {
			return append(to, 67)
		}
		return append(to, 68)
	case int:
		// In 8 bytes, always: numbers in digits are misread by the rencode of today's daemons.
		return binary.BigEndian.AppendUint64(append(to, 65), uint64(v))
	case string:
		return append(append(append(to, strconv.Itoa(len(v))...), ':'), v...)
	case []string:
		to = append(to, 59)
		for _, element := range v {
			to = encode(to, element)
		}
		return append(to, 127)
	case []any:
		to = append(to, 59)
		for _, element := range v {
			to = encode(to, element)
		}
		return append(to, 127)
	case map[string]any:
		to = append(to, 60)
		for key, element := range v {
			to = encode(encode(to, key), element)
		}
		return append(to, 127)
	}
	panic(fmt.Sprintf("cannot encode %T", value))
}

// decode reads one value and returns what is behind it. What is too short makes it panic: it is for daemons that we started.
func decode(data []byte) (value any, rest []byte, err error) {
	kind, data := data[0], data[1:]
	switch {
	case kind < 44:
		return int(kind), data, nil
	case kind >= 70 && kind < 102:
		return -1 - int(kind-70), data, nil
	case kind >= 102 && kind < 127:
		return decodeMap(data, int(kind-102))
	case kind >= 128 && kind < 192:
		return string(data[:kind-128]), data[kind-128:], nil
	case kind >= 192:
		return decodeList(data, int(kind-192))
	}
	switch kind {
	case 44:
		return math.Float64frombits(binary.BigEndian.Uint64(data)), data[8:], nil
	case 66:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(data))), data[4:], nil
	case 59:
		return decodeList(data, -1)
	case 60:
		return decodeMap(data, -1)
	case 61:
		digits, rest := cut(data, 127)
		value, err := strconv.Atoi(string(digits))
		return value, rest, err
	case 62:
		return int(int8(data[0])), data[1:], nil
	case 63:
		return int(int16(binary.BigEndian.Uint16(data))), data[2:], nil
	case 64:
		return int(int32(binary.BigEndian.Uint32(data))), data[4:], nil
	case 65:
		return int(int64(binary.BigEndian.Uint64(data))), data[8:], nil
	case 67, 68:
		return kind == 67, data, nil
	case 69:
		return nil, data, nil
	}
	if kind < '0' || kind > '9' {
		return nil, nil, errRencode
	}
	digits, rest := cut(data, ':')
	length, err := strconv.Atoi(string(kind) + string(digits))
	if err != nil {
		return nil, nil, err
	}
	return string(rest[:length]), rest[length:], nil
}

func cut(data []byte, at byte) (before, after []byte) {
	i := 0
	for data[i] != at {
		i++
	}
	return data[:i], data[i+1:]
}

func decodeList(data []byte, length int) (value any, rest []byte, err error) {
	list := []any{}
	for len(list) != length {
		if length < 0 && data[0] == 127 {
			return list, data[1:], nil
		}
		if value, data, err = decode(data); err != nil {
			return nil, nil, err
		}
		list = append(list, value)
	}
	return list, data, nil
}

func decodeMap(data []byte, length int) (value any, rest []byte, err error) {
	pairs := map[string]any{}
	for n := 0; n != length; n++ {
		if length < 0 && data[0] == 127 {
			return pairs, data[1:], nil
		}
		var key any
		if key, data, err = decode(data); err != nil {
			return nil, nil, err
		}
		if value, data, err = decode(data); err != nil {
			return nil, nil, err
		}
		pairs[fmt.Sprint(key)] = value
	}
	return pairs, data, nil
}
