package aria2

import (
	"errors"
	"io"
	"net/http"

	"github.com/clarion-app/download-manager/domain"
)

// readBody reads a whole answer of at most limit bytes. It takes three times the
// memory of the answer at most: the room for it is doubled, never beyond the limit.
func readBody(response *http.Response, limit int64) ([]byte, error) {
	room := int64(4 << 10)
	if length := response.ContentLength; length > 0 && length <= limit {
		room = length + 1 // one more, so that the end is seen without another read
	}
	body := make([]byte, 0, room)
	for {
		n, err := response.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return nil, domain.Unavailable(nil, "aria2's answer is larger than %d MB", limit>>20)
		case errors.Is(err, io.EOF):
			return body, nil
		case err != nil:
			return nil, err
		case len(body) == cap(body):
			room = min(2*int64(cap(body)), limit+1)
			body = append(make([]byte, 0, room), body...)
		}
	}
}
