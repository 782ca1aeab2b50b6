package graph

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"os"
	"time"
)

const (
	// lineBuffer is how much of a frame is put together before it is written. Thousands of
	// sockets have one each, and a quarter of that for reading.
	lineBuffer = 1 << 10
	// kernelBuffer is how much the kernel may hold for a client that does not read.
	kernelBuffer = 64 << 10
	// lastBuffer is what it may hold in the end: the rest of the message that the client
	// did not take, and the reason why there are no more.
	lastBuffer = 4 * kernelBuffer
	// lastPatience is how long that may take to get there.
	lastPatience = 100 * time.Millisecond
)

// line is the connection below a websocket. Each write has a deadline, and buffers are
// small.
type line struct {
	net.Conn

	timeout time.Duration
	// early is what the client has sent before the handshake was answered.
	early []byte
	// missed is called when the client has not taken what was written in time. Whole: the
	// message is with the kernel nevertheless, so that another one may follow.
	missed func(whole bool)
	// over: a deadline was missed.
	over bool
}

// lineOf hijacks the connection of a request; it implements http.Hijacker, which is
// what websocket.Accept asks for.
type lineOf struct {
	http.ResponseWriter

	line *line
}

// Hijack implements http.Hijacker. net/http's own buffers, of 4 KiB each, are left
// behind.
func (o lineOf) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(o.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	early, _ := buffered.Reader.Peek(buffered.Reader.Buffered()) // all of that is there
	o.line.Conn, o.line.early = conn, append([]byte(nil), early...)
	o.line.resize(kernelBuffer)
	return o.line, bufio.NewReadWriter(bufio.NewReaderSize(o.line, lineBuffer/4), bufio.NewWriterSize(o.line, lineBuffer)), nil
}

// Read implements net.Conn.
func (l *line) Read(into []byte) (int, error) {
	if len(l.early) > 0 {
		n := copy(into, l.early)
		l.early = l.early[n:]
		return n, nil
	}
	return l.Conn.Read(into)
}

// Write implements net.Conn. Data is written in pieces, so that a slow client with a
// long message is not taken for one that does not read.
func (l *line) Write(data []byte) (written int, err error) {
	patience := l.timeout
	if l.over {
		patience = lastPatience
	}
	for err == nil && written < len(data) {
		var n int
		_ = l.SetWriteDeadline(time.Now().Add(patience))
		n, err = l.Conn.Write(data[written:min(written+answerChunk, len(data))])
		written += n
	}
	if l.over || !errors.Is(err, os.ErrDeadlineExceeded) {
		return written, err
	}
	l.over = true
	// A message that is broken off could be followed by nothing, not even by a reason.
	if rest := data[written:]; len(rest) < lastBuffer/2 {
		l.resize(lastBuffer)
		_ = l.SetWriteDeadline(time.Now().Add(lastPatience))
		var n int
		n, err = l.Conn.Write(rest)
		written += n
	}
	l.missed(err == nil)
	return written, err
}

// resize bounds what the kernel holds, where the connection has such a bound.
func (l *line) resize(bytes int) {
	if c, ok := l.Conn.(interface{ SetWriteBuffer(bytes int) error }); ok {
		_ = c.SetWriteBuffer(bytes) // it is only a wish
	}
}
