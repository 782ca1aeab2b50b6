package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// headerPatience is how long a caller may take to send the head of a request.
	headerPatience = 10 * time.Second
	// idlePatience is how long a connection may stay open without a request.
	idlePatience = 2 * time.Minute
	// maxHeader bounds the head of a request, in bytes.
	maxHeader = 64 << 10
)

// doors is the HTTP server. It has no limit on the time of an answer, since a
// subscription is one that lasts.
type doors struct {
	server http.Server
	// streams counts the subscriptions, which may have left HTTP behind (a
	// websocket) and so are not the server's to wait for.
	streams    sync.WaitGroup
	mu         sync.Mutex
	stopping   bool
	endStreams context.CancelFunc
	ended      context.Context //nolint:containedctx // what streams live in
}

func newDoors(handler http.Handler, log *slog.Logger) *doors {
	d := &doors{}
	d.ended, d.endStreams = context.WithCancel(context.Background())
	d.server = http.Server{
		Handler:           d.streaming(handler),
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

// streaming ends subscriptions when the doors close; other requests are left to
// finish.
func (d *doors) streaming(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" && !strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
			next.ServeHTTP(w, r)
			return
		}
		if !d.enter() {
			http.Error(w, `{"message":"stopping"}`, http.StatusServiceUnavailable)
			return
		}
		defer d.streams.Done()
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(d.ended, cancel)() //nolint:contextcheck // it joins the two
		next.ServeHTTP(w, r.WithContext(ctx))
	})
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

// stop accepts no more callers, ends subscriptions, and waits for all requests.
func (d *doors) stop(ctx context.Context) error {
	d.mu.Lock()
	d.stopping = true
	d.mu.Unlock()
	d.endStreams()
	err := d.server.Shutdown(ctx)
	gone := make(chan struct{})
	go func() {
		d.streams.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-ctx.Done():
		err = errors.Join(err, errors.New("subscriptions are still open"))
	}
	return errors.Join(err, d.server.Close())
}
