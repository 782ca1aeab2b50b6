package graph

import (
	"context"
	"errors"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/clarion-app/download-manager/domain"
)

// gate is the executor as the transports of HTTP see it. It decides, for all of them,
// which status an operation has that is refused before anything of it is carried out:
//
//	400  the request is none: its JSON, its address, its multipart form
//	405  a mutation or subscription by GET; 406 a subscription without a stream
//	413  the body is too long, 414 the address, 415 it is of another type
//	422  the document does not parse or validate, its variables do not fit it, or it
//	     costs more than is allowed
//	403  it is not among the trusted documents
//	429  the user has too many subscriptions under way
//	503  the operation took too long
//
// On a socket the same errors come as a message of type "error".
type gate struct{ graphql.GraphExecutor }

// CreateOperationContext implements graphql.GraphExecutor.
func (g gate) CreateOperationContext(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	for _, file := range callOf(ctx).uploads {
		file.put(params.Variables) // its place is there: it was looked at when the form was read
	}
	op, refusals := g.GraphExecutor.CreateOperationContext(ctx, params)
	if c := callOf(ctx); len(refusals) > 0 && c.status == 0 {
		c.status = http.StatusUnprocessableEntity
		if known, ok := errors.AsType[*domain.Error](refusals[0]); ok && known.Kind != domain.KindInvalid {
			c.status = statuses[known.Kind]
		}
	}
	return op, refusals
}

// refusal is an error as the executor's extensions return it. It passes for one of the
// document's, since the socket transport presents no others; the presenter looks at
// err first.
func refusal(err *domain.Error) *gqlerror.Error {
	refusal := gqlerror.Wrap(err)
	errcode.Set(refusal, errcode.ValidationFailed)
	return refusal
}
