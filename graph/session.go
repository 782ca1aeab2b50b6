package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"

	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"

	"github.com/clarion-app/download-manager/domain"
)

// Codes with which the graphql-transport-ws protocol closes a socket.
const (
	closeInternal      websocket.StatusCode = 4500
	closeBadMessage    websocket.StatusCode = 4400
	closeUnauthorized  websocket.StatusCode = 4401
	closeForbidden     websocket.StatusCode = 4403
	closeSubprotocol   websocket.StatusCode = 4406
	closeInitTimeout   websocket.StatusCode = 4408
	closeDuplicate     websocket.StatusCode = 4409
	closeManyInits     websocket.StatusCode = 4429
	reasonUnauthorized                      = "unauthorized"
)

// session is what is known of one socket: who it is, and how far the protocol has
// got. The transport leaves that to the client's good will.
type session struct {
	// handshake authenticates the upgrade request.
	handshake func(context.Context) (domain.Actor, error)
	socket    *socket // nil until the upgrade is accepted

	mu           sync.Mutex
	initialised  bool
	acknowledged bool
	ended        func() *domain.Error // why the credential has; nil until there is one
	operations   map[string]bool      // the ids that are in use
	running      int
}

type sessionKey struct{}

func withSession(ctx context.Context, s *session) context.Context {
	return context.WithValue(ctx, sessionKey{}, s)
}

// sessionOf returns nil where there is no socket.
func sessionOf(ctx context.Context) *session {
	s, _ := ctx.Value(sessionKey{}).(*session)
	return s
}

// breach is a client's breach of the protocol.
type breach struct {
	code   websocket.StatusCode
	reason string
}

// message is the envelope of the protocol.
type message struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// receive looks at a client's message before the transport does.
func (s *session) receive(kind websocket.MessageType, data []byte) *breach {
	var m message
	if kind != websocket.MessageText || json.Unmarshal(data, &m) != nil {
		return &breach{closeBadMessage, "the message is not JSON text of the protocol"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch m.Type {
	case "connection_init":
		return s.receiveInit(m)
	case "subscribe":
		return s.receiveSubscribe(m)
	case "complete", "ping", "pong":
		if !s.initialised {
			return &breach{closeUnauthorized, reasonUnauthorized}
		}
		return nil
	}
	return &breach{closeBadMessage, "the message has no type of the protocol"}
}

func (s *session) receiveInit(m message) *breach {
	var payload map[string]any
	switch {
	case s.initialised:
		return &breach{closeManyInits, "too many initialisation requests"}
	case len(m.Payload) > 0 && json.Unmarshal(m.Payload, &payload) != nil:
		return &breach{closeBadMessage, "the payload of connection_init must be an object"}
	}
	s.initialised = true
	return nil
}

func (s *session) receiveSubscribe(m message) *breach {
	switch {
	case !s.acknowledged:
		return &breach{closeUnauthorized, reasonUnauthorized}
	case m.ID == "":
		return &breach{closeBadMessage, "subscribe needs an id"}
	case s.operations[m.ID]:
		return &breach{closeDuplicate, "there is a subscriber for this id already"}
	case len(m.Payload) == 0 || checkParams(m.Payload) != nil:
		return &breach{closeBadMessage, "the payload of subscribe must be an object with a query"}
	}
	s.operations[m.ID] = true
	return nil
}

// What a message of the server ends with; the transport writes the type last.
var (
	endOfAck      = []byte(`"type":"connection_ack"}`)
	endOfError    = []byte(`"type":"error"}`)
	endOfComplete = []byte(`"type":"complete"}`)
)

// send notes which operations are over, and reports whether the message is to be
// sent: after an error, the transport's complete is one too many.
func (s *session) send(data []byte) bool {
	ack := bytes.HasSuffix(data, endOfAck)
	over := bytes.HasSuffix(data, endOfError) || bytes.HasSuffix(data, endOfComplete)
	if !ack && !over {
		return true
	}
	var m message
	_ = json.Unmarshal(data, &m) // it was marshalled a moment ago
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acknowledged = s.acknowledged || ack
	inUse := s.operations[m.ID]
	delete(s.operations, m.ID)
	return ack || inUse
}

// closeCode gives the transport's reasons the codes that the protocol has for them.
func (s *session) closeCode(code int, reason string) (websocket.StatusCode, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.socket != nil && s.socket.conn.Subprotocol() == "":
		return closeSubprotocol, "subprotocol not acceptable; use " + subprotocol
	case code == transport.WebsocketCloseProtocolError && !s.initialised:
		return closeInitTimeout, "connection initialisation timeout"
	case code == transport.WebsocketCloseNormalClosure:
		if s.ended != nil && s.ended() != nil {
			return closeUnauthorized, s.ended().Message
		}
		return websocket.StatusGoingAway, "the server ends this connection"
	}
	return websocket.StatusCode(code), reason
}

// standsOn notes the context that ends with the socket's credential.
func (s *session) standsOn(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = func() *domain.Error { return endOf(ctx) }
}

// begin takes a place among the running operations, if there is one.
func (s *session) begin(limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running >= limit {
		return false
	}
	s.running++
	return true
}

func (s *session) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
}
