package graph

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/clarion-app/download-manager/domain"
)

// Codes with which the graphql-transport-ws protocol closes a socket, and one of all
// websockets: clients come back after that.
const (
	closeInternal      websocket.StatusCode = 4500
	closeBadMessage    websocket.StatusCode = 4400
	closeUnauthorized  websocket.StatusCode = 4401
	closeForbidden     websocket.StatusCode = 4403
	closeSubprotocol   websocket.StatusCode = 4406
	closeInitTimeout   websocket.StatusCode = 4408
	closeDuplicate     websocket.StatusCode = 4409
	closeManyInits     websocket.StatusCode = 4429
	closeSlow                               = websocket.StatusTryAgainLater
	reasonUnauthorized                      = "unauthorized"
	reasonSlow                              = "the client does not read what it is sent; subscribe again after the last cursor"
)

// session is what is known of one socket: who it is, and how far the protocol has
// got.
type session struct {
	door   *handler
	socket *socket

	mu sync.Mutex
	// handshake is the credential of the upgrade request; nil from connection_init on.
	handshake *credential
	// ctx is what operations stand on: it ends with the socket, and with its credential.
	ctx          context.Context //nolint:containedctx // connections are what contexts are for
	cancel       context.CancelCauseFunc
	initialised  bool
	acknowledged bool
	operations   map[string]context.CancelFunc // by the ids that are in use
	unanswered   int                           // pings
}

type sessionKey struct{}

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

// serve reads what the client says until the socket ends, by whomever. ctx ends it,
// too.
func (s *session) serve(ctx context.Context) {
	if s.socket.conn.Subprotocol() == "" {
		s.socket.close(closeSubprotocol, "subprotocol not acceptable; use "+subprotocol)
		return
	}
	ctx, s.cancel = context.WithCancelCause(context.WithValue(withCall(ctx, &call{streaming: true}), sessionKey{}, s))
	defer s.cancel(nil)
	defer s.socket.hangUp()
	s.ctx = ctx
	context.AfterFunc(ctx, func() { s.end(ctx) })
	patience := time.AfterFunc(s.door.Limits.InitTimeout, s.tooLate)
	defer patience.Stop()
	s.door.pings.enter(s)
	defer s.door.pings.leave(s)
	for {
		kind, data, err := s.socket.receive() //nolint:contextcheck // reading ends with the connection
		if err != nil {
			return
		}
		if breach := s.receive(kind, data); breach != nil { //nolint:contextcheck // what it begins stands on the session's own
			s.socket.close(breach.code, breach.reason)
			return
		}
	}
}

// end closes the socket when ctx is over: the door's, or the credential's.
func (s *session) end(ctx context.Context) {
	if end := endOf(ctx); end != nil {
		s.socket.close(closeUnauthorized, end.Message)
		return
	}
	s.socket.close(websocket.StatusGoingAway, "the server ends this connection")
}

// tooLate closes the socket of a client that has not said who it is.
func (s *session) tooLate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.initialised {
		s.socket.close(closeInitTimeout, "connection initialisation timeout")
	}
}

// ping asks for a sign of life, unless two of these had no answer.
func (s *session) ping() {
	s.mu.Lock()
	acknowledged, unanswered := s.acknowledged, s.unanswered
	s.mu.Unlock()
	switch {
	case !acknowledged: // there is another limit for that
	case unanswered >= 2:
		s.socket.close(closeSlow, "the client does not answer pings")
	case s.socket.trySend([]byte(`{"type":"ping"}`)): // else something long is under way, with a deadline of its own
		s.mu.Lock()
		s.unanswered++
		s.mu.Unlock()
	}
}

// receive takes one message of the client.
func (s *session) receive(kind websocket.MessageType, data []byte) *breach {
	var m message
	if kind != websocket.MessageText || json.Unmarshal(data, &m) != nil {
		return &breach{closeBadMessage, "the message is not JSON text of the protocol"}
	}
	switch m.Type {
	case "connection_init":
		return s.receiveInit(m)
	case "subscribe":
		return s.receiveSubscribe(m)
	case "complete", "ping", "pong":
		return s.receiveSign(m)
	}
	return &breach{closeBadMessage, "the message has no type of the protocol"}
}

func (s *session) receiveInit(m message) *breach {
	var payload map[string]any
	if len(m.Payload) > 0 && json.Unmarshal(m.Payload, &payload) != nil {
		return &breach{closeBadMessage, "the payload of connection_init must be an object"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.initialised {
		return &breach{closeManyInits, "too many initialisation requests"}
	}
	s.initialised = true
	who := s.handshake
	s.handshake = nil
	if token := payloadToken(payload); token != "" {
		who = s.door.credentialOfToken(token)
	}
	go s.initialise(s.ctx, who) // its stack is not the reader's to keep
	return nil
}

// initialise looks at the client's credential and answers connection_init.
func (s *session) initialise(ctx context.Context, who *credential) {
	actor, err := who.authenticate(ctx)
	if err != nil {
		s.socket.close(s.door.refusal(ctx, err))
		return
	}
	who.set(actor)
	ctx = s.door.lasting(ctx, s.cancel, who)
	s.mu.Lock()
	s.ctx, s.acknowledged = ctx, true
	s.mu.Unlock()
	s.socket.send([]byte(`{"type":"connection_ack"}`), nil) //nolint:contextcheck // writes have a deadline of their own
}

func (s *session) receiveSubscribe(m message) *breach {
	s.mu.Lock()
	_, inUse := s.operations[m.ID]
	acknowledged, crowded := s.acknowledged, len(s.operations) >= s.door.Limits.OperationsPerSocket
	s.mu.Unlock()
	switch {
	case !acknowledged:
		return &breach{closeUnauthorized, reasonUnauthorized}
	case m.ID == "":
		return &breach{closeBadMessage, "subscribe needs an id"}
	case inUse:
		return &breach{closeDuplicate, "there is a subscriber for this id already"}
	case len(m.Payload) == 0 || checkParams(m.Payload) != nil:
		return &breach{closeBadMessage, "the payload of subscribe must be an object with a query"}
	case crowded:
		err := domain.Conflict("no more than %d operations may run on one socket", s.door.Limits.OperationsPerSocket)
		s.socket.send(toClient(m.ID, "error", asJSON(s.refusal(s.ctx, err))), nil)
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := &operation{session: s, id: m.ID}
	o.ctx, s.operations[m.ID] = context.WithCancel(s.ctx)
	o.due.Add(1)
	go o.begin(m.Payload)
	return nil
}

// receiveSign takes the messages that need no answer but a pong.
func (s *session) receiveSign(m message) *breach {
	s.mu.Lock()
	initialised := s.initialised
	switch m.Type {
	case "complete":
		if cancel := s.operations[m.ID]; cancel != nil {
			cancel()
		}
	case "pong":
		s.unanswered = 0
	}
	s.mu.Unlock()
	switch {
	case !initialised:
		return &breach{closeUnauthorized, reasonUnauthorized}
	case m.Type == "ping":
		s.socket.send(toClient("", "pong", m.Payload), nil)
	}
	return nil
}

// over reports whether the socket is, or its credential.
func (s *session) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ctx.Err() != nil
}

func (s *session) refusal(ctx context.Context, err error) gqlerror.List {
	return gqlerror.List{s.door.presenter.present(ctx, err)}
}
