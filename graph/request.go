package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clarion-app/download-manager/domain"
)

// checkRequest refuses what is no GraphQL request, all transports alike and before
// they see it: their own answers have no code, or repeat the body. c.status is set
// where the kind of the error does not say it all.
func checkRequest(w http.ResponseWriter, r *http.Request, c *call, limits Limits) error {
	switch r.Method {
	case http.MethodGet:
		return checkURL(r, c, limits.BodyBytes)
	case http.MethodPost:
		media, err := mediaType(r)
		if err != nil {
			c.status = http.StatusUnsupportedMediaType
			return err
		}
		return readBody(w, r, c, media, limits)
	}
	w.Header().Set("Allow", "GET, POST")
	c.status = http.StatusMethodNotAllowed
	return domain.Invalid("", "only GET and POST are allowed")
}

const (
	mediaJSON = "application/json"
	mediaForm = "multipart/form-data"
)

// mediaType says what a body is. There are no others: text/plain and the like are what
// a form of any other site can send.
func mediaType(r *http.Request) (string, error) {
	media, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(parameters["charset"])
	encoding := r.Header.Get("Content-Encoding")
	switch {
	case err != nil || media != mediaJSON && media != mediaForm:
		return "", domain.Invalid("", "the request must have Content-Type: application/json, or multipart/form-data")
	case charset != "" && charset != "utf-8":
		return "", domain.Invalid("", "the request must be UTF-8 text")
	case encoding != "" && encoding != "identity":
		return "", domain.Invalid("", "the request must not be compressed")
	}
	return media, nil
}

func checkURL(r *http.Request, c *call, limit int64) error {
	if int64(len(r.URL.RawQuery)) > limit {
		c.status = http.StatusRequestURITooLong
		return domain.Invalid("", "the request must not be longer than %d bytes", limit)
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return domain.Invalid("", "the address is not well escaped")
	}
	for name, values := range query {
		if !utf8.ValidString(strings.Join(values, "")) {
			return domain.Invalid("", "the request must be UTF-8 text")
		}
		if len(values) > 1 && isParam(name) {
			return domain.Invalid(name, "is given twice")
		}
	}
	for _, name := range []string{"variables", "extensions"} {
		var object map[string]json.RawMessage
		if text := query.Get(name); text != "" && json.Unmarshal([]byte(text), &object) != nil {
			return domain.Invalid(name, "must be a JSON object")
		}
	}
	c.documentID = query.Get("documentId")
	return nil
}

// readBody leaves the body to be read again, as JSON; the files of a form are with the
// call.
func readBody(w http.ResponseWriter, r *http.Request, c *call, media string, limits Limits) error {
	var body []byte
	var err error
	if media == mediaForm {
		whole := http.MaxBytesReader(w, r.Body, limits.BodyBytes+limits.UploadBytes)
		body, c.uploads, err = readForm(whole, r.Header.Get("Content-Type"), limits.BodyBytes)
	} else {
		body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, limits.BodyBytes))
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		c.status = http.StatusRequestEntityTooLarge
		return domain.Invalid("", "the request must not be longer than %d bytes", tooLarge.Limit)
	}
	if known, ok := errors.AsType[*domain.Error](err); ok {
		return known
	}
	if err != nil {
		return domain.Invalid("", "the request ended before its body did")
	}
	c.bodyRead = true
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // from now on, only its going is waited for
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.Header.Set("Content-Type", mediaJSON)
	params, err := parseParams(body)
	c.documentID = params.DocumentID
	return err
}

// params is what a request may say of an operation. What variables there are is the
// transports' to decode: that takes the most of time and memory.
type params struct {
	Query         string                     `json:"query"`
	OperationName string                     `json:"operationName"`
	Variables     map[string]json.RawMessage `json:"variables"`
	Extensions    map[string]json.RawMessage `json:"extensions"`
	DocumentID    string                     `json:"documentId"`
}

func isParam(name string) bool {
	switch strings.ToLower(name) { // as encoding/json takes them
	case "query", "operationname", "variables", "extensions", "documentid":
		return true
	}
	return false
}

// checkParams reports what the transports would stumble over.
func checkParams(body []byte) error {
	_, err := parseParams(body)
	return err
}

func parseParams(body []byte) (params, error) {
	if start := bytes.TrimLeft(body, " \t\r\n"); len(start) > 0 && start[0] == '[' {
		return params{}, domain.Invalid("", "batches are not supported; send each operation by itself")
	}
	if !utf8.Valid(body) { // which would be mended silently, and be another document
		return params{}, domain.Invalid("", "the request must be UTF-8 text")
	}
	var p *params
	err := json.Unmarshal(body, &p)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		field, _, _ := strings.Cut(wrong.Field, ".")
		return params{}, domain.Invalid(field, "is of the wrong type: %s", wrong.Value)
	}
	if err != nil || p == nil {
		return params{}, domain.Invalid("", "the request must be a JSON object with a query")
	}
	if name := repeatedParam(body); name != "" {
		return params{}, domain.Invalid(name, "is given twice")
	}
	return *p, nil
}

// repeatedParam names a field of the request that is given twice, of which readers
// would see one or the other. object is valid JSON.
func repeatedParam(object []byte) string {
	seen, depth := map[string]bool{}, 0
	for i := 0; i < len(object); i++ {
		switch object[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			start := i
			for i++; object[i] != '"'; i++ {
				if object[i] == '\\' {
					i++
				}
			}
			if depth != 1 || !bytes.HasPrefix(bytes.TrimLeft(object[i+1:], " \t\r\n"), []byte(":")) {
				continue
			}
			var key string
			_ = json.Unmarshal(object[start:i+1], &key) // it is a valid string
			lower := strings.ToLower(key)
			if isParam(key) && seen[lower] {
				return key
			}
			seen[lower] = true
		}
	}
	return ""
}
