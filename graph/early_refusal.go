package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// earlyRefusal is an event stream that answers an operation which is refused as any
// other request, with a status: the transport itself begins the stream first, and a
// status can be sent no more.
type earlyRefusal struct{ graphql.Transport }

// Do implements graphql.Transport.
func (t earlyRefusal) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	body, err := io.ReadAll(r.Body)
	decoder, params := json.NewDecoder(bytes.NewReader(body)), &graphql.RawParams{Headers: r.Header}
	decoder.UseNumber() // as the transport does
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil || decoder.Decode(params) != nil {
		t.Transport.Do(w, r, exec) // which says so; the door has looked at it before
		return
	}
	op, refusals := exec.CreateOperationContext(r.Context(), params)
	if status := callOf(r.Context()).status; len(refusals) == 0 || status == http.StatusOK {
		t.Transport.Do(w, r, created{exec, op, refusals})
		return
	}
	response := exec.DispatchError(graphql.WithOperationContext(r.Context(), op), refusals)
	text, _ := json.Marshal(response) // of texts only
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // a client that has gone
}

// created is an executor whose operation is there already.
type created struct {
	graphql.GraphExecutor
	op       *graphql.OperationContext
	refusals gqlerror.List
}

// CreateOperationContext implements graphql.GraphExecutor.
func (c created) CreateOperationContext(context.Context, *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	return c.op, c.refusals
}
