package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"
)

// subprotocol is the only one that is spoken: github.com/enisdenjo/graphql-ws.
const subprotocol = "graphql-transport-ws"

// acceptor opens sockets whose writes have a deadline. The transport's own have none
// and hold a lock while they write, so that a client which stops reading would keep
// its socket and five goroutines for as long as it likes.
type acceptor struct {
	origins []string
	timeout time.Duration
}

var _ transport.WebsocketImplementation = acceptor{}

// Accept implements transport.WebsocketImplementation.
func (a acceptor) Accept(w http.ResponseWriter, r *http.Request, _ transport.WebsocketAcceptOptions) (transport.WebsocketConn, error) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{subprotocol}, OriginPatterns: a.origins,
		CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, err
	}
	s := &socket{conn: conn, timeout: a.timeout, session: sessionOf(r.Context())}
	s.session.socket = s
	return s, nil
}

// socket is one websocket connection.
type socket struct {
	conn    *websocket.Conn
	timeout time.Duration
	session *session

	mu       sync.Mutex
	closing  bool
	deadline *time.Timer // for the client's answer to a ping
}

var (
	_ transport.WebsocketConn          = (*socket)(nil)
	_ transport.WebsocketReadLimiter   = (*socket)(nil)
	_ transport.WebsocketReadDeadliner = (*socket)(nil)
)

// Subprotocol implements transport.WebsocketConn. None is not the transport's older
// default, but one it does not know.
func (s *socket) Subprotocol() string {
	if s.conn.Subprotocol() == "" {
		return "none"
	}
	return subprotocol
}

// NextReader implements transport.WebsocketConn. A message that breaks the protocol
// closes the socket with the code that the protocol has for it.
func (s *socket) NextReader() (int, io.Reader, error) {
	kind, data, err := s.conn.Read(context.Background()) // ends with the connection
	switch websocket.CloseStatus(err) {
	case websocket.StatusNormalClosure, websocket.StatusGoingAway, websocket.StatusNoStatusRcvd:
		return 0, nil, transport.ErrWebsocketClosed
	}
	if err != nil {
		return 0, nil, err
	}
	if breach := s.session.receive(kind, data); breach != nil {
		s.startClosing(breach.code, breach.reason)
		return 0, nil, transport.ErrWebsocketClosed
	}
	return int(kind), bytes.NewReader(data), nil
}

// WriteJSON implements transport.WebsocketConn. A write that misses its deadline
// closes the connection, and everything that stands on it ends.
func (s *socket) WriteJSON(message any) error {
	data, err := json.Marshal(message)
	if err != nil || !s.session.send(data) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.timeout)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, data)
}

// WriteClose implements transport.WebsocketConn.
func (s *socket) WriteClose(code int, reason string) error {
	s.startClosing(s.session.closeCode(code, reason))
	return nil
}

// startClosing says why and waits, in the background and for some seconds at most,
// for the client to agree. The first reason counts.
func (s *socket) startClosing(code websocket.StatusCode, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return
	}
	s.closing = true
	s.stopDeadline()
	go func() { _ = s.conn.Close(code, reason) }() // a client that has gone
}

// Close implements transport.WebsocketConn. A closing that has begun ends by itself.
func (s *socket) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return nil
	}
	s.closing = true
	s.stopDeadline()
	return s.conn.CloseNow()
}

// SetReadLimit implements transport.WebsocketReadLimiter.
func (s *socket) SetReadLimit(limit int64) { s.conn.SetReadLimit(limit) }

// SetReadDeadline implements transport.WebsocketReadDeadliner; the zero time is none.
func (s *socket) SetReadDeadline(at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopDeadline()
	if !at.IsZero() && !s.closing {
		s.deadline = time.AfterFunc(time.Until(at), func() { _ = s.conn.CloseNow() })
	}
	return nil
}

// stopDeadline is called under mu.
func (s *socket) stopDeadline() {
	if s.deadline != nil {
		s.deadline.Stop()
	}
}
