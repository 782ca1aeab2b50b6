package deluge

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
)

// Rencode is how Deluge writes values: a byte says what follows, and for short
// values also how long it is or what it is.
const (
	codeFloat64 = 44
	codeList    = 59 // to codeEnd
	codeDict    = 60 // to codeEnd
	codeDigits  = 61 // to codeEnd
	codeInt8    = 62
	codeInt16   = 63
	codeInt32   = 64
	codeInt64   = 65
	codeFloat32 = 66
	codeTrue    = 67
	codeFalse   = 68
	codeNone    = 69
	codeEnd     = 127

	// The short forms: the first code of each, and how many there are.
	shortInt, shortInts           = 0, 44
	shortNegative, shortNegatives = 70, 32 // from -1 down
	shortDict, shortDicts         = 102, 25
	shortText, shortTexts         = 128, 64
	shortList, shortLists         = 192, 64
)

// encode appends a value: nil, bool, int, int64, float64, string, and lists and
// dictionaries of these.
func encode(to []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(to, codeNone)
	case bool:
		if v {
			return append(to, codeTrue)
		}
		return append(to, codeFalse)
	case int:
		return encodeInt(to, int64(v))
	case int64:
		return encodeInt(to, v)
	case float64:
		return binary.BigEndian.AppendUint64(append(to, codeFloat64), math.Float64bits(v))
	case string:
		return encodeText(to, v)
	case []string:
		return encodeList(to, v)
	case []int:
		return encodeList(to, v)
	case []any:
		return encodeList(to, v)
	case map[string]any:
		return encodeDict(to, v)
	}
	panic(fmt.Sprintf("deluge: no request holds a %T", value))
}

// encodeInt never writes digits: rencode 1.0.6, which today's daemons have, misreads
// them unless they are the last thing of the message.
func encodeInt(to []byte, v int64) []byte {
	switch {
	case v >= 0 && v < shortInts:
		return append(to, shortInt+byte(v))
	case v < 0 && v >= -shortNegatives:
		return append(to, shortNegative+byte(-1-v))
	case v == int64(int8(v)):
		return append(to, codeInt8, byte(v))
	case v == int64(int16(v)):
		return binary.BigEndian.AppendUint16(append(to, codeInt16), uint16(v))
	case v == int64(int32(v)):
		return binary.BigEndian.AppendUint32(append(to, codeInt32), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(to, codeInt64), uint64(v))
}

func encodeText(to []byte, text string) []byte {
	if len(text) < shortTexts {
		to = append(to, shortText+byte(len(text)))
	} else {
		to = append(strconv.AppendInt(to, int64(len(text)), 10), ':')
	}
	return append(to, text...)
}

func encodeList[E any](to []byte, list []E) []byte {
	short := len(list) < shortLists
	if short {
		to = append(to, shortList+byte(len(list)))
	} else {
		to = append(to, codeList)
	}
	for _, element := range list {
		to = encode(to, element)
	}
	if !short {
		to = append(to, codeEnd)
	}
	return to
}

func encodeDict(to []byte, dict map[string]any) []byte {
	short := len(dict) < shortDicts
	if short {
		to = append(to, shortDict+byte(len(dict)))
	} else {
		to = append(to, codeDict)
	}
	for _, key := range slices.Sorted(maps.Keys(dict)) {
		to = encode(encodeText(to, key), dict[key])
	}
	if !short {
		to = append(to, codeEnd)
	}
	return to
}
