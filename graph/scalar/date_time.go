package scalar

import (
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/clarion-app/download-manager/domain"
)

// dateTime is RFC 3339 with a fixed number of digits, so that texts sort as times do.
const dateTime = "2006-01-02T15:04:05.000000Z07:00"

// MarshalDateTime writes a moment in UTC.
func MarshalDateTime(at time.Time) graphql.Marshaler { return plain(at.UTC().Format(dateTime)) }

// AppendDateTime appends what MarshalDateTime writes.
func AppendDateTime(b []byte, at time.Time) []byte {
	return append(at.UTC().AppendFormat(append(b, '"'), dateTime), '"')
}

// UnmarshalDateTime reads RFC 3339 with any offset.
func UnmarshalDateTime(value any) (time.Time, error) {
	text, _ := value.(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, domain.Invalid("", "must be a moment in time as RFC 3339 text, such as 2026-11-23T13:04:05Z")
	}
	return domain.Instant(at), nil
}
