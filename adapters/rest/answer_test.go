package rest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// answer is what came back.
type answer struct {
	*http.Response
	t    testing.TB
	body []byte
}

// want fails unless the status is this, and checks what all answers have in common.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.StatusCode != status {
		a.t.Fatalf("status %d, want %d: %s", a.StatusCode, status, a.body)
	}
	if len(a.body) == 0 {
		return a
	}
	if a.Header.Get("Content-Type") == "text/event-stream" {
		return a
	}
	if kind := a.Header.Get("Content-Type"); kind != "application/json" {
		a.t.Errorf("content type %q", kind)
	}
	if !json.Valid(a.body) {
		a.t.Errorf("no JSON: %s", a.body)
	}
	return a
}

// row decodes an object.
func (a answer) row() (row map[string]any) {
	a.t.Helper()
	a.decode(&row)
	return row
}

// rows decodes a list of objects.
func (a answer) rows() (rows []map[string]any) {
	a.t.Helper()
	a.decode(&rows)
	return rows
}

func (a answer) decode(into any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		a.t.Fatalf("%v: %s", err, a.body)
	}
}

func (a answer) id() string {
	a.t.Helper()
	id, _ := a.row()["id"].(string)
	return id
}

// wantErrors fails unless it is a 422 about exactly these fields, in this order.
func (a answer) wantErrors(fields ...string) answer {
	a.t.Helper()
	a.want(http.StatusUnprocessableEntity)
	var body struct {
		Message string
		Errors  map[string][]string
	}
	a.decode(&body)
	if len(body.Errors) != len(fields) {
		a.t.Fatalf("want errors of %v: %s", fields, a.body)
	}
	for _, field := range fields {
		if len(body.Errors[field]) == 0 {
			a.t.Errorf("no error of %s: %s", field, a.body)
		}
	}
	if len(fields) > 0 && !strings.HasPrefix(body.Message, body.Errors[fields[0]][0]) {
		a.t.Errorf("the message is not the first error: %s", a.body)
	}
	return a
}

func readAll(response *http.Response) ([]byte, error) {
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}
