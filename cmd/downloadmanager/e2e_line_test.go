//go:build linux

package main_test

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
)

// line is a TCP connection to somewhere, on which answers can be held up, and which
// can break.
type line struct {
	address string

	mu     sync.Mutex
	to     string
	open   chan struct{}   // closed while answers pass
	whole  context.Context // ends when the line is cut
	breaks context.CancelFunc
	calls  int // connections that are being carried
}

// newLine makes a line that is open, and ends with the test.
func newLine(t *testing.T, to string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{address: listener.Addr().String(), open: make(chan struct{})}
	l.release()
	l.mend(to)
	var work sync.WaitGroup
	t.Cleanup(func() {
		l.release()
		_ = listener.Close()
		l.cut()
		work.Wait()
	})
	work.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			work.Go(func() { l.connect(near) })
		}
	})
	return l
}

func (l *line) connect(near net.Conn) {
	defer near.Close()
	ctx, to := l.now()
	defer context.AfterFunc(ctx, func() { reset(near) })()
	far, err := (&net.Dialer{}).DialContext(ctx, "tcp", to)
	if err != nil {
		return
	}
	defer far.Close()
	l.count(1)
	defer l.count(-1)
	defer context.AfterFunc(ctx, func() { reset(far) })()
	go func() {
		_, _ = io.Copy(far, near)
		_ = far.Close()
	}()
	_, _ = io.Copy(near, gated{far, l})
}

// now is the line as it is.
func (l *line) now() (whole context.Context, to string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.whole, l.to
}

// carries is how many connections pass.
func (l *line) carries() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls
}

func (l *line) count(more int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls += more
}

// cut breaks all connections in the middle of whatever they carry, and each new one
// until the line is mended.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.breaks()
}

// mend lets connections pass again, to where the other end is now.
func (l *line) mend(to string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.breaks != nil {
		l.breaks()
	}
	l.whole, l.breaks = context.WithCancel(context.Background())
	l.to = to
}

// reset ends a connection without a good-bye: what has not arrived is lost.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func (l *line) hold() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = make(chan struct{})
}

func (l *line) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.open:
	default:
		close(l.open)
	}
}

func (l *line) gate() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

// gated passes on what it reads while the line is open.
type gated struct {
	io.Reader
	line *line
}

// Read implements io.Reader.
func (g gated) Read(p []byte) (int, error) {
	n, err := g.Reader.Read(p)
	<-g.line.gate()
	return n, err
}
