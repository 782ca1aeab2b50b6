package graph

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// call is how an operation came in.
type call struct {
	// readOnly: by GET, which links and prefetching browsers send, too.
	readOnly bool
	// streaming: more than one answer can be given.
	streaming bool
	// bodyRead: the client has nothing more to send.
	bodyRead bool
	// uploads are the files of a form.
	uploads []*upload
	// documentID is how the request calls its document, where it does so itself.
	documentID string
	// status is the HTTP status that a rule asks for; 0 leaves it to the transport.
	status int
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// callOf returns a call that may do nothing special where none is known.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{readOnly: true}
}

// rules refuses operations that cost too much or that came in by the wrong way.
type rules struct {
	limits Limits
	schema graphql.ExecutableSchema
	// introspection: everybody may read the schema, not only administrators.
	introspection bool
}

var (
	_ graphql.OperationContextMutator = (*rules)(nil)
	_ graphql.OperationInterceptor    = (*rules)(nil)
)

// ExtensionName implements graphql.HandlerExtension.
func (r *rules) ExtensionName() string { return "Rules" }

// Validate implements graphql.HandlerExtension.
func (r *rules) Validate(schema graphql.ExecutableSchema) error {
	r.schema = schema
	return nil
}

// MutateOperationContext implements graphql.OperationContextMutator.
func (r *rules) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if err := allowed(callOf(ctx), op.Operation.Operation); err != nil {
		return err
	}
	op.DisableIntrospection = !r.introspection && !actorOf(ctx).IsAdministrator()
	cost := measure(ctx, r.schema, op)
	switch {
	case cost.introspects && op.DisableIntrospection:
		return refused("introspection is disabled")
	case cost.depth > r.limits.Depth:
		return refused("fields are nested %d deep, which is more than %d", cost.depth, r.limits.Depth)
	case cost.aliases > r.limits.Aliases:
		return refused("%d fields are renamed, which is more than %d", cost.aliases, r.limits.Aliases)
	case cost.fields > r.limits.RootFields:
		return refused("%d fields are asked for at once, which is more than %d", cost.fields, r.limits.RootFields)
	case cost.size > r.limits.Complexity: // spreads of empty fragments cost nothing else
		return refused("the operation has more than %d fields", r.limits.Complexity)
	case cost.complexity > r.limits.Complexity:
		return refused("the operation has a complexity of %d, which is more than %d; ask for fewer fields or shorter lists", cost.complexity, r.limits.Complexity)
	case cost.introspection > len(r.schema.Schema().Types)*costOfType:
		return refused("more is asked of the schema than any tool needs")
	case op.Operation.Operation == ast.Subscription && len(graphql.CollectFields(op, op.Operation.SelectionSet, nil)) != 1:
		return refused("a subscription must ask for exactly one field")
	}
	return nil
}

// InterceptOperation implements graphql.OperationInterceptor.
func (r *rules) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	return withLastWord(next(ctx))
}

func allowed(c *call, operation ast.Operation) *gqlerror.Error {
	switch {
	case c.readOnly && operation != ast.Query:
		c.status = http.StatusMethodNotAllowed
		return refused("only queries may be sent by GET; use POST")
	case !c.streaming && operation == ast.Subscription:
		c.status = http.StatusNotAcceptable
		return refused("subscriptions need a websocket, or a POST with Accept: text/event-stream")
	}
	return nil
}

func refused(format string, args ...any) *gqlerror.Error {
	err := gqlerror.Errorf(format, args...)
	errcode.Set(err, errcode.ValidationFailed)
	return err
}
