package graph

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// subprotocol is the only one that is spoken: github.com/enisdenjo/graphql-ws.
const subprotocol = "graphql-transport-ws"

// socket is one websocket connection. What is written waits for its turn and has a
// deadline, so that a client which does not read holds what it has asked for, and that
// for WriteTimeout at most.
type socket struct {
	conn *websocket.Conn
	line *line

	turn sync.Mutex // whoever has it, writes

	mu      sync.Mutex
	closing bool
}

// upgrade accepts a handshake, or has answered it when it returns an error.
func (h *handler) upgrade(w http.ResponseWriter, r *http.Request) (*socket, error) {
	s := &socket{line: &line{timeout: h.Limits.WriteTimeout}}
	s.line.missed = s.drop
	conn, err := websocket.Accept(lineOf{w, s.line}, r, &websocket.AcceptOptions{
		Subprotocols: []string{subprotocol}, OriginPatterns: h.AllowedOrigins,
		CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(h.Limits.BodyBytes)
	s.conn = conn
	return s, nil
}

// receive returns the client's next message. An error is the end of the socket.
func (s *socket) receive() (websocket.MessageType, []byte, error) {
	return s.conn.Read(context.Background()) // ends with the connection
}

// send writes a message when it is its turn. Just before that, where it is not nil,
// it calls begin.
func (s *socket) send(message []byte, begin func()) {
	s.turn.Lock()
	defer s.turn.Unlock()
	if begin != nil {
		begin()
	}
	if !s.isClosing() { // else there is nobody to tell
		_ = s.conn.Write(context.Background(), websocket.MessageText, message) // the line has the deadline
	}
}

// trySend writes a message unless another one is being written, and reports whether
// it has.
func (s *socket) trySend(message []byte) bool {
	if !s.turn.TryLock() {
		return false
	}
	defer s.turn.Unlock()
	return !s.isClosing() && s.conn.Write(context.Background(), websocket.MessageText, message) == nil
}

// drop ends a socket whose client does not read.
func (s *socket) drop(whole bool) {
	if !whole {
		s.startClosing(func() { _ = s.conn.CloseNow() })
		return
	}
	s.startClosing(func() {
		_ = s.line.SetReadDeadline(time.Now()) // such a client's agreement is not waited for
		_ = s.conn.Close(closeSlow, reasonSlow)
	})
}

// close says why and waits, in the background and for some seconds at most, for the
// client to agree. The first reason counts.
func (s *socket) close(code websocket.StatusCode, reason string) {
	s.startClosing(func() { _ = s.conn.Close(code, reason) }) // a client that has gone
}

// hangUp ends what is left of the connection. A closing that has begun ends by itself.
func (s *socket) hangUp() {
	s.startClosing(func() { _ = s.conn.CloseNow() })
}

func (s *socket) startClosing(how func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.closing = true
		go how()
	}
}

func (s *socket) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}
