package graph

import (
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// What an answer may be called. The second is GraphQL over HTTP's own.
const (
	answerJSON    = "application/json"
	answerGraphQL = "application/graphql-response+json"
)

// post is the transport of single answers by POST. It is the library's, but that it
// sends data as the executor has written it: the library has all of that parsed and
// written once more.
type post struct{}

var _ graphql.Transport = post{}

// Supports implements graphql.Transport; the handler has chosen already.
func (post) Supports(*http.Request) bool { return true }

// Do implements graphql.Transport. checkRequest has seen the body before.
func (post) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	w.Header().Set("Content-Type", answerType(r.Header.Get("Accept")))
	params := &graphql.RawParams{Headers: r.Header}
	params.ReadTime.Start = graphql.Now()
	body := json.NewDecoder(r.Body)
	body.UseNumber()
	if err := body.Decode(params); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		send(w, exec.DispatchError(r.Context(), gqlerror.List{refused("the request must be a JSON object with a query")}))
		return
	}
	params.ReadTime.End = graphql.Now()
	operation, refusals := exec.CreateOperationContext(r.Context(), params)
	if refusals != nil {
		ctx := graphql.WithOperationContext(r.Context(), operation)
		w.WriteHeader(http.StatusUnprocessableEntity) // or what the gate has decided
		send(w, exec.DispatchError(ctx, refusals))
		return
	}
	answers, ctx := exec.DispatchOperation(r.Context(), operation)
	send(w, answers(ctx))
}

// answerType is the first type that a client accepts and that there is.
func answerType(accept string) string {
	if accept == "" {
		return answerJSON
	}
	for part := range strings.SplitSeq(accept, ",") {
		media, _, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		switch media {
		case "*/*", "application/*", answerJSON:
			return answerJSON
		case answerGraphQL:
			return answerGraphQL
		}
	}
	return answerGraphQL
}

// send writes the answer.
func send(w http.ResponseWriter, response *graphql.Response) {
	if text, ok := plainAnswer(response); ok {
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		_, _ = w.Write(text) // a client that has gone
		return
	}
	text, err := json.Marshal(response)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(text)
}

// plainAnswer writes down an answer that is data and nothing else.
func plainAnswer(response *graphql.Response) (text []byte, ok bool) {
	const before = `{"data":`
	if response == nil || len(response.Errors) > 0 || len(response.Extensions) > 0 || len(response.Data) == 0 || response.HasNext != nil {
		return nil, false
	}
	text = make([]byte, 0, len(before)+len(response.Data)+1)
	return append(append(append(text, before...), response.Data...), '}'), true
}
