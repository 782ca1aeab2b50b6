package scalar

import (
	"bytes"
	"context"
	"io"

	"github.com/99designs/gqlgen/graphql"

	"github.com/clarion-app/download-manager/domain"
)

// MarshalString writes a text. Where the schema allows null, an empty one is null:
// domain says "none" by "", GraphQL by null.
func MarshalString(text string) graphql.ContextMarshaler {
	return graphql.ContextWriterFunc(func(ctx context.Context, w io.Writer) error {
		if text == "" && nullable(ctx) {
			graphql.Null.MarshalGQL(w)
			return nil
		}
		graphql.MarshalString(text).MarshalGQL(w)
		return nil
	})
}

// AppendString appends what MarshalString writes where the schema does not allow null.
func AppendString(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' {
			var quoted bytes.Buffer
			graphql.MarshalString(text).MarshalGQL(&quoted)
			return append(b, quoted.Bytes()...)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}

// nullable reports whether the field that is being written may be null.
func nullable(ctx context.Context) bool {
	field := graphql.GetFieldContext(ctx)
	return field != nil && field.Field.Field != nil && field.Field.Definition != nil &&
		!field.Field.Definition.Type.NonNull
}

// UnmarshalString reads a text; null, where the schema allows it, is an empty one.
func UnmarshalString(_ context.Context, value any) (string, error) { return read[string](value) }

// MarshalMagnet writes a magnet link as it was given.
func MarshalMagnet(magnet domain.Magnet) graphql.Marshaler {
	return graphql.MarshalString(magnet.String())
}

// UnmarshalMagnet reads a magnet link.
func UnmarshalMagnet(value any) (domain.Magnet, error) {
	text, _ := value.(string)
	return domain.ParseMagnet(text)
}

// MarshalInfoHash writes an infohash; none is null.
func MarshalInfoHash(hash domain.InfoHash) graphql.Marshaler { return name(hash.String()) }

// UnmarshalInfoHash reads an infohash in any of its forms; null is none.
func UnmarshalInfoHash(value any) (domain.InfoHash, error) {
	text, err := read[string](value)
	if err != nil || value == nil {
		return domain.InfoHash{}, err
	}
	return domain.ParseInfoHash(text)
}

// plain writes a text that needs no escaping.
func plain(text string) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, `"`+text+`"`) })
}
