package graph

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/clarion-app/download-manager/domain"
)

// carryOut carries one operation of a socket out, and says how it ended. It keeps its
// id and its place until it is its turn to say so: whoever does not read gets no other.
func (s *session) carryOut(ctx context.Context, id string, payload []byte) {
	var refused gqlerror.List
	defer func() {
		if cause := recover(); cause != nil {
			refused = s.refusal(ctx, s.door.presenter.recovered(ctx, cause))
		}
		over := func() { s.finish(id) }
		switch {
		case refused != nil:
			s.socket.send(toClient(id, "error", asJSON(refused)), over)
		case s.over():
			over() // the code that closes the socket tells it
		default:
			s.socket.send(toClient(id, "complete", nil), over)
		}
	}()
	refused = s.run(ctx, id, payload)
}

// run answers an operation as often as there is something to tell. It returns why
// it was not begun.
func (s *session) run(ctx context.Context, id string, payload []byte) gqlerror.List {
	ctx = graphql.StartOperationTrace(ctx)
	if err := s.door.renewals.renew(ctx, credentialOf(ctx)); err != nil { // for every operation anew
		return s.refusal(ctx, err)
	}
	responses, ctx, refused := s.dispatch(ctx, payload)
	if refused != nil {
		return refused
	}
	for {
		response := responses(ctx)
		if response == nil {
			return nil
		}
		s.socket.send(toClient(id, "next", answerOf(response)), nil)
	}
}

func (s *session) dispatch(ctx context.Context, payload []byte) (graphql.ResponseHandler, context.Context, gqlerror.List) {
	var params graphql.RawParams
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	if err := decoder.Decode(&params); err != nil {
		return nil, ctx, s.refusal(ctx, domain.Invalid("", "the operation cannot be read"))
	}
	operation, refused := s.door.exec.CreateOperationContext(ctx, &params)
	ctx = graphql.WithOperationContext(ctx, operation)
	if refused != nil {
		return nil, ctx, s.door.exec.DispatchError(ctx, refused).Errors
	}
	responses, ctx := s.door.exec.DispatchOperation(ctx, operation)
	return responses, ctx, nil
}

func (s *session) refusal(ctx context.Context, err error) gqlerror.List {
	return gqlerror.List{s.door.presenter.present(ctx, err)}
}

// finish frees what an operation had.
func (s *session) finish(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.operations[id]()
	delete(s.operations, id)
}

// over reports whether the socket is, or its credential.
func (s *session) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ctx.Err() != nil
}

// toClient writes a message of the protocol. What is empty is left out.
func toClient(id, kind string, payload []byte) []byte {
	text := make([]byte, 0, len(id)+len(kind)+len(payload)+len(`{"id":"","type":"","payload":}`))
	text = append(text, '{')
	if id != "" {
		text = append(append(append(text, `"id":`...), asJSON(id)...), ',')
	}
	text = append(append(append(text, `"type":"`...), kind...), '"')
	if len(payload) > 0 {
		text = append(append(text, `,"payload":`...), payload...)
	}
	return append(text, '}')
}

// answerOf writes a response. What the executor has written is JSON already.
func answerOf(r *graphql.Response) []byte {
	if len(r.Errors) > 0 || len(r.Extensions) > 0 || len(r.Data) == 0 {
		return asJSON(r)
	}
	return append(append([]byte(`{"data":`), r.Data...), '}')
}

// asJSON writes what can always be written.
func asJSON(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}
