package graph_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/graph"
)

// A caller who announces more than it sends is answered, and kept no longer than a
// body may take.
func TestRefusalDoesNotWaitForTheBody(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"without a token":     "Content-Type: application/json\r\n",
		"of the wrong type":   "Authorization: Bearer " + alice + "\r\n",
		"that is far too big": "Authorization: Bearer " + alice + "\r\nContent-Type: application/json\r\nX-Big: 1\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDoor(t, func(c *graph.Config) {
				c.Limits.BodyBytes = 50
				c.Limits.ReadTimeout = 200 * time.Millisecond
			})
			conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
			sent := "{"
			if strings.Contains(head, "X-Big") {
				sent = strings.Repeat(" ", 60)
			}
			_, _ = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\n%sContent-Length: 100\r\n\r\n%s", head, sent)
			reader := bufio.NewReader(conn)
			response, err := http.ReadResponse(reader, nil)
			if err != nil {
				t.Fatal("no answer:", err)
			}
			defer response.Body.Close()
			if response.StatusCode < 400 || !response.Close {
				t.Errorf("HTTP %d, closing: %v", response.StatusCode, response.Close)
			}
			if _, err := io.Copy(io.Discard, response.Body); err != nil {
				t.Error(err)
			}
			if _, err := reader.ReadByte(); err != io.EOF {
				t.Error("the connection stays open:", err)
			}
		})
	}
}
