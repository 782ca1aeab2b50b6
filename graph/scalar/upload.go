package scalar

import (
	"github.com/99designs/gqlgen/graphql"

	"github.com/clarion-app/download-manager/domain"
)

// File is a file of a multipart form, as it stands among the variables. It is a struct
// so that nothing takes its content for a text or a list. Content is never nil.
type File struct{ Content []byte }

// MarshalUpload is for the generator alone: nothing that is answered is an Upload.
func MarshalUpload([]byte) graphql.Marshaler { return graphql.Null }

// UnmarshalUpload reads the content of a file. It is nil for null only.
func UnmarshalUpload(value any) ([]byte, error) {
	switch file := value.(type) {
	case nil:
		return nil, nil
	case *File:
		return file.Content, nil
	case File: // where it is the whole of a variable
		return UnmarshalUpload(&file)
	}
	return nil, domain.Invalid("", "must be a file, sent in a multipart form")
}
