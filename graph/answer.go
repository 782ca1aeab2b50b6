package graph

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// answerChunk is how much is written under one deadline, so that a slow client with
// a long answer is not taken for one that does not read.
const answerChunk = 64 << 10

var errAnswerEnded = errors.New("the answer has ended")

// answer is the http.ResponseWriter of a request. It gives each write a deadline and
// ends the request when one is missed: the transports have none, and a client that
// stops reading would hold its stream for ever. It also keeps the event stream's
// keep-alive, which runs beside the handler, from writing after the handler's end.
type answer struct {
	http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
	// giveUp ends the request's context.
	giveUp context.CancelFunc
	call   *call

	mu      sync.Mutex
	started bool
	ended   bool
}

// Unwrap lets an http.ResponseController through.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader sends the status, or the one that a rule asked for.
func (a *answer) WriteHeader(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.writeHeader(status)
}

// writeHeader is called under mu.
func (a *answer) writeHeader(status int) {
	if a.started || a.ended {
		return
	}
	a.started = true
	if a.call.status != 0 {
		status = a.call.status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write writes all of data, in pieces.
func (a *answer) Write(data []byte) (written int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return 0, errAnswerEnded
	}
	a.writeHeader(http.StatusOK)
	for err == nil && written < len(data) {
		var n int
		a.extend()
		n, err = a.ResponseWriter.Write(data[written:min(written+answerChunk, len(data))])
		written += n
	}
	if err != nil {
		a.giveUp()
	}
	return written, err
}

// Flush implements http.Flusher, which the event stream asks for by a type assertion.
func (a *answer) Flush() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return
	}
	a.extend()
	if err := a.control.Flush(); err != nil {
		a.giveUp()
	}
}

// limitBody says how long the client may take to send its body, whoever reads that:
// net/http itself reads what a handler has left.
func (a *answer) limitBody(timeout time.Duration) {
	_ = a.control.SetReadDeadline(time.Now().Add(timeout)) // where the writer can
}

// extend moves the deadline. A writer without deadlines, in a test say, has none to
// miss. net/http takes the deadline off again when the request is done.
func (a *answer) extend() { _ = a.control.SetWriteDeadline(time.Now().Add(a.timeout)) }

// end lets nothing be written any more.
func (a *answer) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	a.extend() // what net/http still has to flush
}
