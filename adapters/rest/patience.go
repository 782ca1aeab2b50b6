package rest

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// writeChunk is how much is written under one deadline, so that a slow caller of a
// long answer is not taken for one that does not read.
const writeChunk = 64 << 10

// wholeBody is how many times the wait for more of a body all of it may take, so that
// a caller of one byte now and then does not stay.
const wholeBody = 6

// patientWriter gives each write a deadline. The server has none for whole answers,
// since some may last; a caller that stops reading would keep its answer, and what
// that was made of, for ever.
type patientWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
	body    *patientBody
}

// WriteHeader ends the connection with a refusal that has not waited for the body:
// net/http would wait for what is left of it before it answers.
func (w *patientWriter) WriteHeader(status int) {
	if status >= http.StatusBadRequest && w.body.awaited {
		w.Header().Set("Connection", "close")
	}
	w.extend()
	w.ResponseWriter.WriteHeader(status)
}

// Write writes all of data, in pieces.
func (w *patientWriter) Write(data []byte) (written int, err error) {
	for err == nil && written < len(data) {
		var n int
		w.extend()
		n, err = w.ResponseWriter.Write(data[written:min(written+writeChunk, len(data))])
		written += n
	}
	return written, err
}

// FlushError sends what has been written, for an http.ResponseController.
func (w *patientWriter) FlushError() error {
	w.extend()
	return w.control.Flush()
}

// extend moves the deadline. A writer without deadlines, in a test say, has none to
// miss. net/http takes the deadline off again when the request is done.
func (w *patientWriter) extend() { _ = w.control.SetWriteDeadline(time.Now().Add(w.timeout)) }

// patientBody gives each reading of a body a deadline. The first one begins with the
// request, and so holds for what net/http reads of a body that no action looks at.
type patientBody struct {
	io.ReadCloser
	control *http.ResponseController
	timeout time.Duration
	// until is when all of it must be there.
	until time.Time
	// awaited: there is more to come, for all we know.
	awaited bool
	// last: the deadline moves no more.
	last bool
}

// patiently wraps the two sides of a request.
func (d *door) patiently(w http.ResponseWriter, r *http.Request) (*patientWriter, *patientBody) {
	control := http.NewResponseController(w)
	body := &patientBody{
		ReadCloser: r.Body, control: control, timeout: d.ReadTimeout,
		until: time.Now().Add(wholeBody * d.ReadTimeout), awaited: r.ContentLength != 0,
	}
	if body.awaited {
		body.extend()
	}
	return &patientWriter{ResponseWriter: w, control: control, timeout: d.WriteTimeout, body: body}, body
}

// Read implements io.Reader.
func (b *patientBody) Read(p []byte) (int, error) {
	if b.awaited && !b.last {
		b.extend()
	}
	n, err := b.ReadCloser.Read(p)
	if b.awaited && errors.Is(err, io.EOF) {
		b.awaited = false
		_ = b.control.SetReadDeadline(time.Time{}) // from now on, only the caller's going is waited for
	}
	return n, err
}

// discard reads and forgets at most limit bytes, all under one deadline.
func (b *patientBody) discard(limit int64) {
	b.extend()
	b.last = true
	_, _ = io.CopyN(io.Discard, b, limit)
}

// extend moves the deadline, where there are any.
func (b *patientBody) extend() {
	next := time.Now().Add(b.timeout)
	if next.After(b.until) {
		next = b.until
	}
	_ = b.control.SetReadDeadline(next)
}
