package deluge

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

// vectors were written by rencode 1.0.6, which Deluge 2.0.3 and 2.2 have in common.
var vectors = []struct {
	name  string
	value any
	bytes string
}{
	{"none", nil, "45"},
	{"true", true, "43"},
	{"false", false, "44"},
	{"zero", 0, "00"},
	{"the last short number", 43, "2b"},
	{"the first long number", 44, "3e2c"},
	{"the last short negative", -32, "65"},
	{"minus one", -1, "46"},
	{"the first long negative", -33, "3edf"},
	{"a byte", 127, "3e7f"},
	{"beyond a byte", 128, "3f0080"},
	{"a negative byte", -128, "3e80"},
	{"two bytes", 32767, "3f7fff"},
	{"beyond two bytes", 32768, "4000008000"},
	{"minus two bytes", -32768, "3f8000"},
	{"four bytes", 2147483647, "407fffffff"},
	{"beyond four bytes", 2147483648, "410000000080000000"},
	{"minus four bytes", -2147483648, "4080000000"},
	{"eight bytes", int64(math.MaxInt64), "417fffffffffffffff"},
	{"minus eight bytes", int64(math.MinInt64), "418000000000000000"},
	{"no text", "", "80"},
	{"a text", "magnet:?", "886d61676e65743a3f"},
	{"an umlaut", "wörd", "8577c3b67264"},
	{"the longest short text", strings.Repeat("x", 63), "bf787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878"},
	{"the shortest long text", strings.Repeat("x", 64), "36343a78787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878"},
	{"no list", []any{}, "c0"},
	{"a list", []any{1, "a", nil}, "c301816145"},
	{"lists in lists", []any{[]any{[]any{}}}, "c1c1c0"},
	{"the longest short list", repeat(1, 63), "ff010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101"},
	{"the shortest long list", repeat(1, 64), "3b010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101017f"},
	{"no dictionary", map[string]any{}, "66"},
	{"a dictionary", map[string]any{"a": true, "b": []any{2}}, "688161438162c102"},
	{"the longest short dictionary", keyed(24), "7e823030008230310182303202823033038230340482303505823036068230370782303808823039098231300a8231310b8231320c8231330d8231340e8231350f8231361082313711823138128231391382323014823231158232321682323317"},
	{"the shortest long dictionary", keyed(25), "3c823030008230310182303202823033038230340482303505823036068230370782303808823039098231300a8231310b8231320c8231330d8231340e8231350f8231361082313711823138128231391382323014823231158232321682323317823234187f"},
	{"a fraction", 97.65625, "2c40586a0000000000"},
	{
		"a call",
		[]any{[]any{1, "daemon.login", []any{"a", "b"}, map[string]any{"client_version": "2.0.3"}}},
		"c1c4018c6461656d6f6e2e6c6f67696ec281618162678e636c69656e745f76657273696f6e85322e302e33",
	},
}

func repeat(value any, n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = value
	}
	return list
}

func keyed(n int) map[string]any {
	dict := map[string]any{}
	for i := range n {
		dict[fmt.Sprintf("%02d", i)] = i
	}
	return dict
}

// any reads whatever is next: nil, float64, int64 (also for true and false), string,
// []any or map[string]any.
func (r *reader) any() (value any, err error) {
	switch code := r.next(); {
	case code == codeNone:
		r.at++
		return nil, nil //nolint:nilnil // it is what is there
	case code == codeList || code >= shortList:
		list := []any{}
		err = r.list(func() error {
			element, err := r.any()
			list = append(list, element)
			return err
		})
		return list, err
	case code == codeDict || (code >= shortDict && code-shortDict < shortDicts):
		dict := map[string]any{}
		err = r.dict(func(key []byte) error {
			dict[string(key)], err = r.any()
			return err
		})
		return dict, err
	case r.atText():
		return r.string()
	case code == codeFloat32 || code == codeFloat64:
		_, real, err := r.number()
		return real, err
	}
	whole, _, err := r.number()
	return whole, err
}

// read reads all of some bytes.
func read(data []byte) (value any, err error) {
	r := reader{data: data}
	if value, err = r.any(); err == nil {
		err = r.end()
	}
	return value, err
}

// plain is a value as any returns it.
func plain(value any) any {
	switch v := value.(type) {
	case int:
		return int64(v)
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = plain(v[i])
		}
		return list
	case map[string]any:
		dict := map[string]any{}
		for key := range v {
			dict[key] = plain(v[key])
		}
		return dict
	}
	return value
}

func TestRencode(t *testing.T) {
	t.Parallel()
	for _, vector := range vectors {
		if got := hex.EncodeToString(encode(nil, vector.value)); got != vector.bytes {
			t.Errorf("%s is written as %s; want %s", vector.name, got, vector.bytes)
		}
		data, err := hex.DecodeString(vector.bytes)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := read(data); err != nil || !reflect.DeepEqual(got, plain(vector.value)) {
			t.Errorf("%s is read as %v, error %v; want %v", vector.name, got, err, plain(vector.value))
		}
		for cut := range data {
			if got, err := read(data[:cut]); !errors.Is(err, errMalformed) {
				t.Errorf("%s, cut to %d bytes, is read as %v, error %v", vector.name, cut, got, err)
			}
		}
	}
}

func TestRencodeThatWeDoNotWrite(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"4242c35000":         97.65625,
		"423dcccccd":         float64(float32(0.1)),
		"3d3132337f":         int64(123),
		"3d2d3132337f":       int64(-123),
		"3b7f":               []any{},
		"3c7f":               map[string]any{},
		"323a6162":           "ab",
		"303a":               "",
		"3e05":               int64(5),
		"41ffffffffffffffff": int64(-1),
	} {
		data, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := read(data); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as %v, error %v; want %v", text, got, err, want)
		}
	}
}

func TestRencodeThatIsNone(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"nothing":                      "",
		"an end alone":                 "\x7f",
		"unknown codes":                "\x2d",
		"two values":                   "\x01\x01",
		"a number beyond 64 bits":      "\x3d1180591620717411303424\x7f",
		"digits that are none":         "\x3d12x\x7f",
		"no digits":                    "\x3d\x7f",
		"digits without end":           "\x3d" + strings.Repeat("1", 1<<20),
		"a fraction that is none":      "\x2c\x7f\xf8\x00\x00\x00\x00\x00\x01",
		"a fraction beyond all bounds": "\x2c\x7f\xf0\x00\x00\x00\x00\x00\x00",
		"a text beyond the end":        "2147483647:x",
		"a text beyond all bounds":     "99999999999999999999:x",
		"a length that is none":        "1x:a",
		"a length without end":         strings.Repeat("1", 1<<20),
		"lists without end":            strings.Repeat("\x3b", 1<<20),
		"short lists without end":      strings.Repeat("\xc1", 1<<20),
		"dictionaries without end":     strings.Repeat("\x3c\x81a", 1<<20),
		"a key that is a list":         "\x67\xc0\x01",
		"a key without value":          "\x67\x81a",
	} {
		if got, err := read([]byte(data)); !errors.Is(err, errMalformed) {
			t.Errorf("%s is read as %.100v, error %v", name, got, err)
		}
	}
}

func TestNumbersAreExact(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 1, 1 << 31, 1<<53 + 1, math.MaxInt64, math.MinInt64, -1} {
		r := reader{data: encode(nil, n)}
		if got, _, err := r.number(); got != n || err != nil {
			t.Errorf("%d is read as %d, error %v", n, got, err)
		}
	}
}

// FuzzRencode holds reading, skipping and writing against each other.
func FuzzRencode(f *testing.F) {
	for _, vector := range vectors {
		data, _ := hex.DecodeString(vector.bytes)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := read(data)
		if err != nil {
			return
		}
		r := reader{data: data}
		if err := r.skip(); err != nil || r.end() != nil {
			t.Fatalf("%x is read as %v, and skipped with error %v, to %d", data, value, err, r.at)
		}
		written := encode(nil, value)
		again, err := read(written)
		if err != nil || !bytes.Equal(encode(nil, again), written) {
			t.Fatalf("%x is read as %v, written as %x and read as %v, error %v", data, value, written, again, err)
		}
	})
}
