package rest

import (
	"bytes"
	_ "embed"
)

// openAPI describes every route, by hand; a test holds the answers against it.
//
//go:embed openapi.json
var openAPI []byte

// openAPIDocument is the document with the product's version in it.
func openAPIDocument(version string) []byte {
	if version == "" {
		return openAPI
	}
	return bytes.Replace(openAPI, []byte(`"version": "0.0.0"`), appendText([]byte(`"version": `), version), 1)
}
