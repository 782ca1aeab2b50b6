package graph

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/clarion-app/download-manager/domain"
)

// errTooLong is why the context of an operation ends that took too long.
var errTooLong = errors.New("the operation took too long")

// tookTooLong reports whether ctx has ended by that.
func tookTooLong(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errTooLong) }

// tooLong is what a client is told of it.
func tooLong() *domain.Error {
	return domain.Unavailable(nil, "the operation took too long and was ended; what a mutation had changed by then stays changed")
}

// deadlines bounds how long a query, a mutation, and each answer of a subscription
// may take.
type deadlines struct{ timeout time.Duration }

var _ graphql.OperationInterceptor = deadlines{}

// ExtensionName implements graphql.HandlerExtension.
func (deadlines) ExtensionName() string { return "Deadlines" }

// Validate implements graphql.HandlerExtension.
func (deadlines) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptOperation implements graphql.OperationInterceptor.
func (d deadlines) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if op := graphql.GetOperationContext(ctx); op.Operation.Operation == ast.Subscription {
		op.ResolverMiddleware = withinAnswer(op.ResolverMiddleware)
		return d.eachAnswer(next(ctx))
	}
	ctx, cancel := context.WithTimeoutCause(ctx, d.timeout, errTooLong)
	answers, answered := next(ctx), false
	return func(ctx context.Context) *graphql.Response {
		response := answers(ctx)
		switch {
		case response == nil && !answered && tookTooLong(ctx):
			response = &graphql.Response{Errors: gqlerror.List{show(tooLong(), "")}}
			unavailable(ctx)
		case response == nil:
			cancel()
		case len(response.Errors) > 0 && tookTooLong(ctx):
			unavailable(ctx)
		}
		answered = true
		return response
	}
}

// unavailable asks for the status of what took too long. On a socket there is none.
func unavailable(ctx context.Context) {
	if sessionOf(ctx) == nil {
		callOf(ctx).status = http.StatusServiceUnavailable
	}
}

type answerTimeKey struct{}

// answerTime is the time that one answer of a subscription may take. It begins when
// the answer is first worked on, since before that it is only waited for.
type answerTime struct {
	timeout time.Duration

	mu      sync.Mutex
	ends    time.Time
	cancels []context.CancelFunc
}

func (d deadlines) eachAnswer(answers graphql.ResponseHandler) graphql.ResponseHandler {
	return func(ctx context.Context) *graphql.Response {
		t := &answerTime{timeout: d.timeout}
		defer t.over()
		return answers(context.WithValue(ctx, answerTimeKey{}, t))
	}
}

// withinAnswer bounds the fields of an answer that something has to be done for.
func withinAnswer(around graphql.FieldMiddleware) graphql.FieldMiddleware {
	return func(ctx context.Context, next graphql.Resolver) (any, error) {
		if t, ok := ctx.Value(answerTimeKey{}).(*answerTime); ok && graphql.GetFieldContext(ctx).IsResolver {
			ctx = t.bound(ctx)
		}
		return around(ctx, next)
	}
}

func (t *answerTime) bound(ctx context.Context) context.Context {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ends.IsZero() {
		t.ends = time.Now().Add(t.timeout)
	}
	ctx, cancel := context.WithDeadlineCause(ctx, t.ends, errTooLong)
	t.cancels = append(t.cancels, cancel)
	return ctx
}

func (t *answerTime) over() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, cancel := range t.cancels {
		cancel()
	}
}
