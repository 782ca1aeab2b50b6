package graph

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/clarion-app/download-manager/domain"
)

// readForm reads a request of github.com/jaydenseric/graphql-multipart-request-spec and
// returns its operation, which then goes the way of every other. No operation takes
// files yet, so a form that sends one is refused before the file is read.
//
// Any site's form can send such a request with our cookie: auth's Protect keeps those
// out, as it does every other POST.
func readForm(body io.Reader, contentType string) ([]byte, error) {
	_, parameters, _ := mime.ParseMediaType(contentType) // it was parsed a moment ago
	if parameters["boundary"] == "" {
		return nil, domain.Invalid("", "the form has no boundary")
	}
	form := multipart.NewReader(body, parameters["boundary"])
	operations, err := readPart(form, "operations")
	if err != nil {
		return nil, err
	}
	files, err := readPart(form, "map")
	if err != nil {
		return nil, err
	}
	var paths map[string][]string
	if json.Unmarshal(files, &paths) != nil {
		return nil, domain.Invalid("map", "must be a JSON object that says where each file goes")
	}
	if len(paths) > 0 {
		return nil, domain.Invalid("map", "must be empty: no operation takes files")
	}
	switch _, err := form.NextPart(); {
	case errors.Is(err, io.EOF):
		return operations, nil
	case err != nil:
		return nil, badForm(err)
	}
	return nil, domain.Invalid("", "the form has a part that map does not speak of")
}

// readPart reads the next part of the form, which must be of that name.
func readPart(form *multipart.Reader, name string) ([]byte, error) {
	part, err := form.NextPart()
	if err != nil {
		return nil, badForm(err)
	}
	if part.FormName() != name || part.FileName() != "" {
		return nil, domain.Invalid("", "the parts of the form must be operations, map, and the files, in this order")
	}
	content, err := io.ReadAll(part)
	if err != nil {
		return nil, badForm(err)
	}
	return content, nil
}

// badForm tells a form that is none from a body that is too long, or that ended early.
func badForm(err error) error {
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	if tooLarge || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return domain.Invalid("", "the request is no multipart form")
}
