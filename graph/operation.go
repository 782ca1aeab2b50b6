package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/clarion-app/download-manager/domain"
)

// operation is one that a socket carries out. It keeps its id and its place until it is
// its turn to say that it is over: whoever does not read gets no other.
type operation struct {
	session *session
	id      string
	ctx     context.Context //nolint:containedctx // what it lives in
	answers graphql.ResponseHandler
	// driven: wake is called whenever there is an answer, so that nobody need wait for
	// one. Thousands of subscriptions then have no goroutine each, and no stack.
	driven bool
	// due is how many answers there are to be given, and one more until it has begun.
	due atomic.Int64
}

type operationKey struct{}

// operationOf returns nil where there is no socket.
func operationOf(ctx context.Context) *operation {
	o, _ := ctx.Value(operationKey{}).(*operation)
	return o
}

// begin carries the operation out, up to where it is driven by others.
func (o *operation) begin(payload []byte) {
	defer o.recover()
	switch refused := o.dispatch(payload); {
	case refused != nil:
		o.refuse(refused)
	case !o.driven:
		for o.answer() {
		}
	case o.due.Add(-1) > 0:
		o.follow()
	}
}

// wake is called once for each answer that there is, and for the end.
func (o *operation) wake() {
	if o.due.Add(1) == 1 {
		go o.follow()
	}
}

// follow gives the answers that are due. After the last one of all, some stay due, so
// that it is not begun again.
func (o *operation) follow() {
	defer o.recover()
	for o.answer() && o.due.Add(-1) > 0 {
	}
}

// answer waits for an answer and gives it; false when it was the last.
func (o *operation) answer() bool {
	response := o.answers(o.ctx)
	switch {
	case response != nil && o.ctx.Err() != nil && !tookTooLong(o.ctx): // it only tells of its being given up
	case response != nil:
		o.session.socket.send(toClient(o.id, "next", answerOf(response)), nil)
	case o.session.over():
		o.finish() // the code that closes the socket tells it
	default:
		o.session.socket.send(toClient(o.id, "complete", nil), o.finish)
	}
	return response != nil
}

// refuse says why the operation is not carried out, or no further.
func (o *operation) refuse(why gqlerror.List) {
	o.session.socket.send(toClient(o.id, "error", asJSON(why)), o.finish)
}

func (o *operation) recover() {
	if cause := recover(); cause != nil {
		o.refuse(o.session.refusal(o.ctx, o.session.door.presenter.recovered(o.ctx, cause)))
	}
}

// finish frees the operation's place.
func (o *operation) finish() {
	s := o.session
	s.mu.Lock()
	defer s.mu.Unlock()
	s.operations[o.id]()
	delete(s.operations, o.id)
}

// dispatch gives the operation to the executor.
func (o *operation) dispatch(payload []byte) (refused gqlerror.List) {
	door := o.session.door
	ctx := graphql.StartOperationTrace(context.WithValue(o.ctx, operationKey{}, o))
	if err := door.renewals.renew(ctx, credentialOf(ctx)); err != nil { // for every operation anew
		return o.session.refusal(ctx, err)
	}
	var params graphql.RawParams
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	if err := decoder.Decode(&params); err != nil {
		return o.session.refusal(ctx, domain.Invalid("", "the operation cannot be read"))
	}
	operation, refused := door.exec.CreateOperationContext(ctx, &params)
	ctx = graphql.WithOperationContext(ctx, operation)
	if refused != nil {
		return door.exec.DispatchError(ctx, refused).Errors
	}
	o.answers, o.ctx = door.exec.DispatchOperation(ctx, operation)
	return nil
}
