package scalar

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/clarion-app/download-manager/domain"
)

// MarshalInt writes a whole number.
func MarshalInt(n int) graphql.Marshaler { return MarshalLong(int64(n)) }

// UnmarshalInt reads a whole number of 32 bits, the range of GraphQL's Int.
func UnmarshalInt(value any) (int, error) {
	n, err := UnmarshalLong(value)
	if err != nil || n < math.MinInt32 || n > math.MaxInt32 {
		return 0, domain.Invalid("", "must be a whole number of at most 32 bits")
	}
	return int(n), nil
}

// MarshalLong writes a whole number of 64 bits.
func MarshalLong(n int64) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.FormatInt(n, 10)) })
}

// UnmarshalLong reads a whole number of 64 bits.
func UnmarshalLong(value any) (int64, error) {
	switch n := value.(type) {
	case int64: // a literal, or a default of the schema
		return n, nil
	case int:
		return int64(n), nil
	case json.Number: // a variable
		if whole, err := n.Int64(); err == nil {
			return whole, nil
		}
	}
	return 0, domain.Invalid("", "must be a whole number")
}

// MarshalSeconds writes a duration as seconds.
func MarshalSeconds(d time.Duration) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = w.Write(AppendSeconds(nil, d))
	})
}

// AppendSeconds appends what MarshalSeconds writes.
func AppendSeconds(b []byte, d time.Duration) []byte {
	return strconv.AppendFloat(b, d.Seconds(), 'f', -1, 64)
}

// UnmarshalSeconds reads what MarshalSeconds wrote.
func UnmarshalSeconds(value any) (time.Duration, error) {
	seconds, err := graphql.UnmarshalFloat(value)
	if err != nil {
		return 0, domain.Invalid("", "must be a number of seconds")
	}
	return time.Duration(seconds * float64(time.Second)), nil
}
