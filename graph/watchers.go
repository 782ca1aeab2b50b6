package graph

import (
	"context"
	"net/http"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/clarion-app/download-manager/domain"
)

// watchers bounds the subscriptions of each user, over all the sockets and event
// streams of this process: what one socket may have, many sockets could multiply.
type watchers struct {
	limit int

	mu sync.Mutex
	// counts has no zeros, so that it is only as large as there are users who watch.
	counts map[uuid.UUID]int
}

var (
	_ graphql.OperationContextMutator = (*watchers)(nil)
	_ graphql.OperationInterceptor    = (*watchers)(nil)
)

// ExtensionName implements graphql.HandlerExtension.
func (w *watchers) ExtensionName() string { return "Watchers" }

// Validate implements graphql.HandlerExtension.
func (w *watchers) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements graphql.OperationContextMutator. It must be the
// last, since only an operation that is carried out gives its place back.
func (w *watchers) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if op.Operation.Operation != ast.Subscription {
		return nil
	}
	user := actorOf(ctx).UserID
	if w.begin(user) {
		op.Stats.SetExtension(w.ExtensionName(), user) // whoever the credential's user is when it ends
		return nil
	}
	if sessionOf(ctx) == nil {
		callOf(ctx).status = http.StatusTooManyRequests
	}
	return refusal(domain.Conflict("you have %d subscriptions under way, which is as many as one user may have; end another first", w.limit))
}

// InterceptOperation implements graphql.OperationInterceptor.
func (w *watchers) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	user, watches := graphql.GetOperationContext(ctx).Stats.GetExtension(w.ExtensionName()).(uuid.UUID)
	if !watches {
		return next(ctx)
	}
	finish := sync.OnceFunc(func() { w.finish(user) })
	context.AfterFunc(ctx, finish) // the transport ends ctx with the operation
	answers := next(ctx)
	return func(ctx context.Context) *graphql.Response {
		response := answers(ctx)
		if response == nil {
			finish() // before the client is told, and takes the place again
		}
		return response
	}
}

func (w *watchers) begin(user uuid.UUID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.counts[user] >= w.limit {
		return false
	}
	w.counts[user]++
	return true
}

func (w *watchers) finish(user uuid.UUID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.counts[user]--; w.counts[user] == 0 {
		delete(w.counts, user)
	}
}
