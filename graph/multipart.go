package graph

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

// formReader reads a request of github.com/jaydenseric/graphql-multipart-request-spec:
// an operation, which then goes the way of every other, and the files that belong to
// its variables.
//
// Any site's form can send such a request with our cookie: auth's Protect keeps those
// out, as it does every other POST.
type formReader struct {
	parts *multipart.Reader
	// limit bounds what is no file, and left is what of it has not been used up.
	limit, left int64
}

// readForm returns the operation and the files of a form. What is no file has at most
// limit bytes; the body as a whole is bounded already.
func readForm(body io.Reader, contentType string, limit int64) (operations []byte, files []*upload, err error) {
	_, parameters, _ := mime.ParseMediaType(contentType) // it was parsed a moment ago
	if parameters["boundary"] == "" {
		return nil, nil, domain.Invalid("", "the form has no boundary")
	}
	form := &formReader{parts: multipart.NewReader(body, parameters["boundary"]), limit: limit, left: limit}
	if operations, err = form.read("operations"); err != nil {
		return nil, nil, err
	}
	text, err := form.read("map")
	if err != nil {
		return nil, nil, err
	}
	places, err := readMap(text, operations)
	if err != nil {
		return nil, nil, err
	}
	if err := form.readFiles(places); err != nil {
		return nil, nil, err
	}
	for _, file := range places {
		files = append(files, file)
	}
	return operations, files, nil
}

// read reads the next part of the form, which must be of that name.
func (f *formReader) read(name string) ([]byte, error) {
	part, err := f.parts.NextPart()
	if err != nil {
		return nil, badForm(err)
	}
	if part.FormName() != name || part.FileName() != "" {
		return nil, domain.Invalid("", "the parts of the form must be operations, map, and the files, in this order")
	}
	content, err := io.ReadAll(io.LimitReader(part, f.left+1))
	if err != nil {
		return nil, badForm(err)
	}
	if f.left -= int64(len(content)); f.left < 0 {
		return nil, &http.MaxBytesError{Limit: f.limit}
	}
	return content, nil
}

// readMap returns the place of each file, by the name of its part. All of them are
// there in the operation.
func readMap(text, operations []byte) (map[string]*upload, error) {
	var paths map[string][]string
	if json.Unmarshal(text, &paths) != nil {
		return nil, domain.Invalid("map", "must be a JSON object that says where each file goes")
	}
	places := make(map[string]*upload, len(paths))
	if len(paths) == 0 {
		return places, nil
	}
	if len(paths) > app.MostAtOnce {
		return nil, domain.Invalid("map", "must not name more than %d files", app.MostAtOnce)
	}
	if err := checkParams(operations); err != nil {
		return nil, err
	}
	var operation struct{ Variables map[string]any }
	_ = json.Unmarshal(operations, &operation) // it went well a moment ago
	for name, to := range paths {
		if len(to) != 1 {
			return nil, domain.Invalid("map", "must say for each file one place where it goes")
		}
		file, known := newUpload(to[0])
		if !known || !file.put(operation.Variables) {
			return nil, domain.Invalid("map", "names places that are not there: each must be a variable, or a part of one, that is null")
		}
		places[name] = file
	}
	return places, nil
}

// readFiles reads what is left of the form: each file once, in any order.
func (f *formReader) readFiles(places map[string]*upload) error {
	read := 0
	for {
		part, err := f.parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return badForm(err)
		}
		file := places[part.FormName()]
		if file == nil || file.Content != nil {
			return domain.Invalid("", "the form has a part that map does not speak of")
		}
		// One that is too large is told of by whoever wants it; one byte shows that it is.
		if file.Content, err = io.ReadAll(io.LimitReader(part, domain.MaxMetainfoBytes+1)); err != nil {
			return badForm(err)
		}
		read++
	}
	if read < len(places) {
		return domain.Invalid("map", "speaks of a file that the form does not have")
	}
	return nil
}

// badForm tells a form that is none from a body that is too long, or that ended early.
func badForm(err error) error {
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	if tooLarge || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return domain.Invalid("", "the request is no multipart form")
}
