package rest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/rest"
)

// impatient is how long a caller may take in these tests.
const impatient = 200 * time.Millisecond

// listen serves a world with small buffers, so that a caller who does not read is
// soon felt. Every request that is done with is told.
func listen(t *testing.T, w *world) (address string, done <-chan struct{}) {
	t.Helper()
	ended := make(chan struct{}, 10)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(writer http.ResponseWriter, r *http.Request) {
		defer func() { ended <- struct{}{} }()
		w.handler.ServeHTTP(writer, r)
	}))
	server.Listener = smallBuffers{server.Listener}
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.Listener.Addr().String(), ended
}

type smallBuffers struct{ net.Listener }

func (l smallBuffers) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(4 << 10)
	}
	return conn, err
}

// call opens a connection and sends text.
func call(t *testing.T, address, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

// wantAnswer reads an answer, and tells whether it announces the connection's end.
func wantAnswer(t *testing.T, reader *bufio.Reader, status int) (closes bool) {
	t.Helper()
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal("no answer:", err)
	}
	if _, err := readAll(response); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != status {
		t.Errorf("status %d, want %d", response.StatusCode, status)
	}
	return response.Close
}

func TestCallerWhoDoesNotSendItsBody(t *testing.T) {
	t.Parallel()
	w, _ := withServer(t, func(c *rest.Config) {
		c.ReadTimeout = impatient
		c.MaxBody = 1000
	})
	id := w.addTorrent(bare)
	address, _ := listen(t, w)
	const as = "Authorization: Bearer admin\r\n"
	for name, test := range map[string]struct {
		line, header, sent string
		length, status     int
		closes             bool
	}{
		"without a token":             {"POST /api/torrents", "", "{", 100, 401, true},
		"without a token, in chunks":  {"POST /api/torrents", "Transfer-Encoding: chunked\r\n", "1\r\n{\r\n", 0, 401, true},
		"to where nothing is":         {"POST /api/nothing", "", "{", 100, 404, true},
		"in a wrong method":           {"DELETE /api/torrents", "", "{", 100, 405, true},
		"which is wanted":             {"POST /api/torrents", as, "{", 5, 422, true},
		"which is too large":          {"POST /api/torrents", as, strings.Repeat(" ", 1500), 2000, 413, true},
		"which nobody looks at":       {"PATCH /api/torrents/" + id + "/mark-incomplete", as, "{", 100, 200, true},
		"though there should be none": {"GET /api/torrents", as, "{", 100, 200, true},
		"and sends it after all":      {"PATCH /api/torrents/" + id + "/mark-incomplete", as, "{}", 2, 200, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			length := ""
			if test.length > 0 {
				length = fmt.Sprintf("Content-Length: %d\r\n", test.length)
			}
			conn := call(t, address, test.line+" HTTP/1.1\r\nHost: x\r\n"+test.header+length+"\r\n"+test.sent)
			reader := bufio.NewReader(conn)
			if closes := wantAnswer(t, reader, test.status); closes != test.closes {
				t.Errorf("says that it closes the connection: %v", closes)
			}
			if !test.closes {
				return
			}
			if _, err := reader.ReadByte(); err == nil || strings.Contains(err.Error(), "timeout") {
				t.Error("the connection stays open:", err)
			}
		})
	}
	t.Run("is told who it is before anything is waited for", func(t *testing.T) {
		t.Parallel()
		patient := newWorld(t, func(c *rest.Config) { c.ReadTimeout = time.Hour })
		address, _ := listen(t, patient)
		conn := call(t, address, "POST /api/torrents HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
		wantAnswer(t, bufio.NewReader(conn), 401)
	})
}

func TestSlowCallerIsNotTakenForOneThatIsGone(t *testing.T) {
	t.Parallel()
	w, _ := withServer(t, func(c *rest.Config) { c.ReadTimeout = impatient })
	address, _ := listen(t, w)
	body := fields("magnetURI", bare)
	conn := call(t, address, fmt.Sprintf("POST /api/torrents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body)))
	for begin := time.Now(); len(body) > 1; body = body[1:] { // for longer than one reading may take
		if pause := time.NewTimer(2 * impatient / time.Duration(len(fields("magnetURI", bare)))); time.Since(begin) < 2*impatient {
			<-pause.C
		}
		if _, err := io.WriteString(conn, body[:1]); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = io.WriteString(conn, body)
	if wantAnswer(t, bufio.NewReader(conn), 201) {
		t.Error("the connection is closed")
	}
}

func TestCallerWhoDoesNotReadIsDropped(t *testing.T) {
	t.Parallel()
	w, _ := withServer(t, func(c *rest.Config) { c.WriteTimeout = impatient })
	for range 200 {
		w.addTorrent(cosmos + "&tr=" + strings.Repeat("x", 50<<10))
	}
	address, done := listen(t, w)
	conn := call(t, address, "GET /api/torrents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin\r\n\r\n")
	if line, err := bufio.NewReaderSize(conn, 16).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Fatal(line, err)
	}
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("the caller is still being waited for")
	}
}
