package graph_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// way is one of the five ways in which an operation can come in. It gives the first
// answer; its status is 0 on a socket, which has none.
type way struct {
	name string
	send func(t *testing.T, d *door, token string, params vars) reply
}

// ways are all of them: what is refused, is refused alike.
var ways = []way{
	{"POST", func(t *testing.T, d *door, token string, params vars) reply {
		t.Helper()
		return d.send(t, token, http.MethodPost, "", "application/json", string(marshalled(t, params)))
	}},
	{"GET", func(t *testing.T, d *door, token string, params vars) reply {
		t.Helper()
		values := url.Values{}
		for name, value := range params {
			if text, ok := value.(string); ok {
				values.Set(name, text)
			} else {
				values.Set(name, string(marshalled(t, value)))
			}
		}
		return d.send(t, token, http.MethodGet, values.Encode(), "", "")
	}},
	{"SSE", sendForStream},
	{"websocket", func(t *testing.T, d *door, token string, params vars) reply {
		t.Helper()
		c := d.connect(t, token)
		c.conn.SetReadLimit(1 << 20)
		c.send(t, wsMessage{ID: "1", Type: "subscribe", Payload: marshalled(t, params)})
		m := c.read(t)
		if m.Type == "error" {
			return reply{Errors: into[[]replyError](t, m.Payload)}
		}
		return into[reply](t, m.Payload)
	}},
	{"multipart", func(t *testing.T, d *door, token string, params vars) reply {
		t.Helper()
		contentType, body := form(t, "operations", string(marshalled(t, params)), "map", "{}")
		return d.send(t, token, http.MethodPost, "", contentType, body)
	}},
}

func sendForStream(t *testing.T, d *door, token string, params vars) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url, bytes.NewReader(marshalled(t, params)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	response, err := d.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.Header.Get("Content-Type") == "text/event-stream" {
		_, after, _ := strings.Cut(string(text), "event: next\ndata: ")
		first, _, _ := strings.Cut(after, "\n")
		text = []byte(first)
	}
	answer := into[reply](t, text)
	answer.status = response.StatusCode
	return answer
}

// ask asks for a query.
func (w way) ask(t *testing.T, d *door, token, query string, variables vars) reply {
	t.Helper()
	params := vars{"query": query}
	if variables != nil {
		params["variables"] = variables
	}
	return w.send(t, d, token, params)
}

func wayBy(t *testing.T, name string) way {
	t.Helper()
	for _, w := range ways {
		if w.name == name {
			return w
		}
	}
	t.Fatal("no way by", name)
	return way{}
}

func marshalled(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// form writes a multipart form of name and content pairs; a name that begins with @ is
// a file's.
func form(t *testing.T, pairs ...string) (contentType, body string) {
	t.Helper()
	var text bytes.Buffer
	w := multipart.NewWriter(&text)
	for i := 0; i+1 < len(pairs); i += 2 {
		name, isFile := strings.CutPrefix(pairs[i], "@")
		var part io.Writer
		var err error
		if isFile {
			part, err = w.CreateFormFile(name, "some.torrent")
		} else {
			part, err = w.CreateFormField(name)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(part, pairs[i+1]) // to memory
	}
	_ = w.Close() // the same
	return w.FormDataContentType(), text.String()
}
