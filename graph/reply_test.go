package graph_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// reply is an answer of the door.
type reply struct {
	status int
	header http.Header
	Data   json.RawMessage `json:"data"`
	Errors []replyError    `json:"errors"`
}

type replyError struct {
	Message    string `json:"message"`
	Path       []any  `json:"path"`
	Extensions struct {
		Code  string `json:"code"`
		Field string `json:"field"`

		OldestCursor string `json:"oldestCursor"`
	} `json:"extensions"`
}

type vars map[string]any

func (d *door) post(t *testing.T, token, query string, variables vars) reply {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return d.send(t, token, http.MethodPost, "", "application/json", string(body))
}

func (d *door) send(t *testing.T, token, method, rawQuery, contentType, body string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, d.url+"?"+rawQuery, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	return d.do(t, request)
}

func (d *door) do(t *testing.T, request *http.Request) reply {
	t.Helper()
	response, err := d.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := reply{status: response.StatusCode, header: response.Header}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("HTTP %d: %v in %q", response.StatusCode, err, text)
	}
	return answer
}

// ask fails the test on errors and returns the data.
func (d *door) ask(t *testing.T, token, query string, variables vars) json.RawMessage {
	t.Helper()
	answer := d.post(t, token, query, variables)
	if answer.status != http.StatusOK || len(answer.Errors) > 0 {
		t.Fatalf("HTTP %d, errors %+v to %s", answer.status, answer.Errors, query)
	}
	return answer.Data
}

// into reads data into a value of type T.
func into[T any](t *testing.T, data json.RawMessage) (value T) {
	t.Helper()
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return value
}

// wantJSON compares regardless of blanks.
func wantJSON(t *testing.T, got json.RawMessage, want string) {
	t.Helper()
	var a, b bytes.Buffer
	if err := json.Compact(&a, got); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	if err := json.Compact(&b, []byte(want)); err != nil {
		t.Fatal(err)
	}
	if a.String() != b.String() {
		t.Errorf("got  %s\nwant %s", a.String(), b.String())
	}
}

func (r reply) wantError(t *testing.T, code, field string) {
	t.Helper()
	if len(r.Errors) != 1 || r.Errors[0].Extensions.Code != code || r.Errors[0].Extensions.Field != field {
		t.Fatalf("got %+v, want one error %s of field %q", r.Errors, code, field)
	}
}
