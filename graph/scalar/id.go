package scalar

import (
	"encoding/hex"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// MarshalUUID writes an ID; the zero UUID is null.
func MarshalUUID(id uuid.UUID) graphql.Marshaler {
	if id == uuid.Nil {
		return graphql.Null
	}
	return plain(id.String())
}

// AppendUUID appends what MarshalUUID writes.
func AppendUUID(b []byte, id uuid.UUID) []byte {
	if id == uuid.Nil {
		return append(b, "null"...)
	}
	b = append(b, '"')
	for i, part := range [][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return append(b, '"')
}

// UnmarshalUUID reads an ID in the one form that the API gives out: 36 characters
// with hyphens, of either case.
func UnmarshalUUID(value any) (uuid.UUID, error) {
	text, ok := value.(string)
	if ok && len(text) == len(uuid.Nil.String()) {
		if id, err := uuid.Parse(text); err == nil {
			return id, nil
		}
	}
	return uuid.Nil, domain.Invalid("", "must be an id that this API gave out")
}

// ParseUUID is UnmarshalUUID for an argument, which its error names.
func ParseUUID(argument, text string) (uuid.UUID, error) {
	id, err := UnmarshalUUID(text)
	if err != nil {
		return uuid.Nil, domain.Invalid(argument, "%s", domain.MessageOf(err))
	}
	return id, nil
}

// MarshalCursor writes a place in the event log as an ID.
func MarshalCursor(cursor domain.Cursor) graphql.Marshaler { return plain(cursor.String()) }

// UnmarshalCursor reads what MarshalCursor wrote.
func UnmarshalCursor(value any) (domain.Cursor, error) {
	text, _ := value.(string)
	return domain.ParseCursor(text)
}
