package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// fields is what a caller sent: texts, from JSON whatever JSON has, and uploads.
type fields map[string]any

// upload is the content of a file in a form, never nil.
type upload []byte

// read returns what a request brings: the fields of its body and, where the body
// has none of the name, those of its query. A body that cannot be read has no
// fields. tooLarge is the only error.
func (d *door) read(r *http.Request) (*input, error) { return d.readUpTo(r, d.MaxBody) }

func (d *door) readUpTo(r *http.Request, limit int64) (*input, error) {
	body, err := readBody(r, limit)
	if err != nil {
		return nil, err
	}
	sent, trouble := decode(r.Header.Get("Content-Type"), body)
	for name, value := range formFields(r.URL.Query()) {
		if _, found := sent[name]; !found {
			sent[name] = value
		}
	}
	return &input{fields: sent, trouble: trouble}, nil
}

func readBody(r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if int64(len(body)) > limit {
		// Many callers read no answer before they have sent it all.
		if rest, ok := r.Body.(*patientBody); ok {
			rest.discard(4 * limit)
		}
		return nil, tooLarge{limit}
	}
	if err != nil {
		return nil, nil //nolint:nilerr // cut short: as good as no body
	}
	return body, nil
}

// decode reads a body, never nil. trouble says why one that is there has no fields.
func decode(contentType string, body []byte) (sent fields, trouble string) {
	kind, parameters, _ := mime.ParseMediaType(contentType)
	isJSON := strings.HasSuffix(kind, "/json") || strings.HasSuffix(kind, "+json")
	content := bytes.TrimLeft(body, " \t\r\n")
	switch {
	case len(content) == 0:
		return fields{}, ""
	case kind == "multipart/form-data":
		return multipartFields(body, parameters["boundary"])
	case isJSON || content[0] == '{': // no form begins so; a forgotten content type is forgiven
		return jsonFields(body)
	case kind == "application/x-www-form-urlencoded":
		values, _ := url.ParseQuery(string(body)) // what is broken of it is left out
		return formFields(values), ""
	}
	return fields{}, "the request body is neither JSON nor a form"
}

func jsonFields(body []byte) (fields, string) {
	const trouble = "the request body is not a JSON object"
	if !utf8.Valid(body) {
		return fields{}, trouble + " in UTF-8"
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // numbers of any size are well formed
	var sent fields
	if err := decoder.Decode(&sent); err != nil {
		return fields{}, fmt.Sprintf("%s: %s", trouble, reason(err))
	}
	if _, err := decoder.Token(); err != io.EOF || sent == nil {
		return fields{}, trouble
	}
	return sent, ""
}

// reason is why JSON cannot be read, without the names of Go's types.
func reason(err error) string {
	if mismatch, ok := err.(*json.UnmarshalTypeError); ok { //nolint:errorlint // Decode wraps nothing
		return "it is of type " + mismatch.Value
	}
	return err.Error()
}

// formFields is the last value of every name, as PHP has it; "name[]" is a list.
func formFields(values url.Values) fields {
	sent := make(fields, len(values))
	for key, all := range values {
		if name, _, isList := strings.Cut(key, "["); isList {
			sent[name] = []any{all}
		} else if len(all) > 0 {
			sent[name] = all[len(all)-1]
		}
	}
	return sent
}

func multipartFields(body []byte, boundary string) (fields, string) {
	values, files := url.Values{}, map[string][]upload{}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextRawPart()
		if err == io.EOF { //nolint:errorlint // NextRawPart wraps nothing at the end
			break
		}
		if err != nil {
			return fields{}, "the request body is not a complete form"
		}
		content, err := io.ReadAll(part)
		switch name := part.FormName(); {
		case err != nil || name == "":
		case part.FileName() != "":
			files[name] = append(files[name], content)
		default:
			values.Add(name, string(content))
		}
	}
	sent := formFields(values)
	for name, all := range files {
		if sent[name] = all[0]; len(all) > 1 {
			sent[name] = all
		}
	}
	return sent, ""
}
