package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/clarion-app/download-manager/domain"
)

// checkRequest refuses what is no GraphQL request, all transports alike and before
// they see it: their own answers have no code, or repeat the body. c.status is set
// where the kind of the error does not say it all.
func checkRequest(w http.ResponseWriter, r *http.Request, c *call, limit int64) error {
	switch r.Method {
	case http.MethodGet:
		return checkURL(r)
	case http.MethodPost:
		if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
			c.status = http.StatusUnsupportedMediaType
			return domain.Invalid("", "the request must have Content-Type: application/json")
		}
		return readBody(w, r, c, limit)
	}
	w.Header().Set("Allow", "GET, POST")
	c.status = http.StatusMethodNotAllowed
	return domain.Invalid("", "only GET and POST are allowed")
}

func checkURL(r *http.Request) error {
	query := r.URL.Query()
	for _, name := range []string{"variables", "extensions"} {
		var object map[string]any
		if text := query.Get(name); text != "" && json.Unmarshal([]byte(text), &object) != nil {
			return domain.Invalid(name, "must be a JSON object")
		}
	}
	return nil
}

// readBody leaves the body to be read again.
func readBody(w http.ResponseWriter, r *http.Request, c *call, limit int64) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		c.status = http.StatusRequestEntityTooLarge
		return domain.Invalid("", "the request must not be longer than %d bytes", limit)
	}
	if err != nil {
		return domain.Invalid("", "the request ended before its body did")
	}
	c.bodyRead = true
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // from now on, only its going is waited for
	r.Body = io.NopCloser(bytes.NewReader(body))
	return checkParams(body)
}

// checkParams reports what the transports would stumble over.
func checkParams(body []byte) error {
	if start := bytes.TrimLeft(body, " \t\r\n"); len(start) > 0 && start[0] == '[' {
		return domain.Invalid("", "batches are not supported; send each operation by itself")
	}
	var p *graphql.RawParams
	err := json.Unmarshal(body, &p)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		field, _, _ := strings.Cut(wrong.Field, ".")
		return domain.Invalid(field, "is of the wrong type: %s", wrong.Value)
	}
	if err != nil || p == nil {
		return domain.Invalid("", "the request must be a JSON object with a query")
	}
	return nil
}
