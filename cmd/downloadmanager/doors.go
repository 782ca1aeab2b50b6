package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

const (
	// headerPatience is how long a caller may take to send the head of a request.
	headerPatience = 10 * time.Second
	// idlePatience is how long a connection may stay open without a request.
	idlePatience = 2 * time.Minute
	// bodyPatience is how long a caller may take to send a body, where the door
	// behind says nothing else.
	bodyPatience = 10 * time.Second
	// maxHeader bounds the head of a request, in bytes.
	maxHeader = 64 << 10
)

// doors is the HTTP server. It has no limit on the time of an answer, since a
// subscription is one that lasts.
type doors struct {
	server       http.Server
	log          *slog.Logger
	bodyPatience time.Duration
	// streams counts the subscriptions, which may have left HTTP behind (a
	// websocket) and so are not the server's to wait for.
	streams    sync.WaitGroup
	mu         sync.Mutex
	stopping   bool
	endStreams context.CancelFunc
	ended      context.Context //nolint:containedctx // what streams live in
}

func newDoors(handler http.Handler, log *slog.Logger) *doors {
	d := &doors{log: log, bodyPatience: bodyPatience}
	d.ended, d.endStreams = context.WithCancel(context.Background())
	d.server = http.Server{
		Handler:           d.awaitingBodies(d.streaming(handler)),
		ReadHeaderTimeout: headerPatience,
		IdleTimeout:       idlePatience,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return d
}

// serve begins; the channel tells if it ends by itself, which is a failure.
func (d *doors) serve(listener net.Listener) <-chan error {
	failed := make(chan error, 1)
	go func() {
		if err := d.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	return failed
}

// awaitingBodies bounds the time that a body may take. It is no ReadTimeout of the
// server, which would bound answers, too: net/http waits for what a handler has left
// of a body, for ever unless told otherwise.
func (d *doors) awaitingBodies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(d.bodyPatience)) // where the writer can
		}
		next.ServeHTTP(w, r)
	})
}

// streaming ends subscriptions when the doors close; other requests are left to
// finish.
func (d *doors) streaming(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !lasts(r) {
			next.ServeHTTP(w, r)
			return
		}
		if !d.enter() {
			http.Error(w, `{"message":"stopping"}`, http.StatusServiceUnavailable)
			return
		}
		defer d.streams.Done()
		ctx, cancel := context.WithCancel(context.WithValue(r.Context(), doorsKey{}, d))
		defer cancel()
		defer context.AfterFunc(d.ended, cancel)() //nolint:contextcheck // it joins the two
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// lasts reports whether an answer may go on for as long as the caller likes: a
// subscription, an event stream, or waiting for an event. Callers such as curl do not
// say that they accept a stream.
func lasts(r *http.Request) bool {
	clean := path.Clean("/" + r.URL.Path)
	return r.Header.Get("Upgrade") != "" || strings.Contains(r.Header.Get("Accept"), "text/event-stream") ||
		strings.HasSuffix(clean, "/events/stream") || strings.HasSuffix(clean, "/events") && r.URL.Query().Has("wait")
}

// doorsKey keeps in a stream's context the doors that it came in by.
type doorsKey struct{}

// outlive counts a stream that goes on when its request r, which is one, is done. It
// has to end with ctx, and done says that it has.
func outlive(r *http.Request) (ctx context.Context, done func()) {
	d := r.Context().Value(doorsKey{}).(*doors)
	d.streams.Add(1)
	return d.ended, d.streams.Done
}

// enter counts one more stream, unless the doors are closing.
func (d *doors) enter() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.stopping {
		d.streams.Add(1)
	}
	return !d.stopping
}

// stop accepts no more callers, ends subscriptions, and lets requests finish. Who is
// not done after half of ctx's time is cut off: a caller that does not read could use
// up what is left for everything that is stopped after the doors.
func (d *doors) stop(ctx context.Context) error {
	d.mu.Lock()
	d.stopping = true
	d.mu.Unlock()
	d.endStreams()
	gone := make(chan struct{})
	go func() {
		d.streams.Wait()
		close(gone)
	}()
	err := d.letFinish(ctx, gone)
	if errors.Is(err, context.DeadlineExceeded) {
		d.log.WarnContext(ctx, "callers that were not done are cut off")
		err = nil
	}
	err = errors.Join(err, d.server.Close())
	last, cancel := part(ctx)
	defer cancel()
	select {
	case <-gone:
	case <-last.Done():
		err = errors.Join(err, errors.New("subscriptions are still open"))
	}
	return err
}

// letFinish waits for all requests, and until streams are gone, for part of ctx's time.
func (d *doors) letFinish(ctx context.Context, gone <-chan struct{}) error {
	graceful, cancel := part(ctx)
	defer cancel()
	err := d.server.Shutdown(graceful)
	select {
	case <-gone:
	case <-graceful.Done():
		err = errors.Join(err, graceful.Err())
	}
	return err
}

// part is ctx with half of the time that it has left, if that is limited.
func part(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, limited := ctx.Deadline(); limited {
		return context.WithTimeout(ctx, time.Until(deadline)/2)
	}
	return context.WithCancel(ctx)
}
