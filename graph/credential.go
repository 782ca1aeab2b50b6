package graph

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/clarion-app/download-manager/domain"
)

// Why a credential is good no longer.
var (
	errExpired = domain.Unauthenticated("the credential has expired")
	errRevoked = domain.Unauthenticated("the credential is no longer accepted")
)

// credential is what a request or a socket came in with, and who is behind it. On
// a socket or an event stream it is looked at again and again, since it may be
// revoked, and its user get another role, long before the connection ends.
type credential struct {
	// key is the same for the same credential.
	key func() string
	// authenticate says who is behind it now.
	authenticate func(context.Context) (domain.Actor, error)
	// ends has, for each connection that stands on it, how to end that. It belongs to
	// renewals.
	ends map[context.Context]context.CancelCauseFunc

	mu    sync.Mutex
	actor domain.Actor
}

func (c *credential) current() domain.Actor {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.actor
}

func (c *credential) set(actor domain.Actor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.actor = actor
}

// credentialKey keeps who is asking in the context, from the door to the resolver
// and no further: use cases take the actor as a parameter.
type credentialKey struct{}

func withCredential(ctx context.Context, c *credential) context.Context {
	return context.WithValue(ctx, credentialKey{}, c)
}

// actorOf returns who is asking, as last seen. The zero Actor, which may do nothing,
// is what a hole in the door would give.
func actorOf(ctx context.Context) domain.Actor {
	if c := credentialOf(ctx); c != nil {
		return c.current()
	}
	return domain.Actor{}
}

func credentialOf(ctx context.Context) *credential {
	c, _ := ctx.Value(credentialKey{}).(*credential)
	return c
}

// lasting returns a context that ends with the credential: when that expires, or when
// it is found to be refused. Both end the connection, which is what ctx and cancel are.
func (h *handler) lasting(ctx context.Context, cancel context.CancelCauseFunc, c *credential) context.Context {
	c = h.renewals.join(ctx, c, cancel)
	context.AfterFunc(ctx, func() { h.renewals.leave(ctx, c) })
	if at := c.current().ExpiresAt; at != nil {
		var free context.CancelFunc
		ctx, free = context.WithDeadlineCause(ctx, *at, errExpired)
		context.AfterFunc(ctx, func() { free(); cancel(context.Cause(ctx)) })
	}
	return withCredential(ctx, c)
}

// endOf is the end of ctx's credential, if ctx has ended by that.
func endOf(ctx context.Context) *domain.Error {
	end, _ := errors.AsType[*domain.Error](context.Cause(ctx))
	return end
}

// withLastWord makes the end of the credential the last answer of an event stream,
// which has no other way to tell it from an end that is meant.
func withLastWord(next graphql.ResponseHandler) graphql.ResponseHandler {
	over := false
	return func(ctx context.Context) *graphql.Response {
		if over {
			return nil
		}
		response := next(ctx)
		if at, limited := ctx.Deadline(); limited && !time.Now().Before(at) {
			<-ctx.Done() // use cases that end by themselves may be a moment ahead of it
		}
		end := endOf(ctx)
		if end == nil || (response != nil && len(response.Errors) == 0) {
			return response
		}
		over = true
		if sessionOf(ctx) != nil {
			return nil // the code that closes the socket tells it
		}
		return &graphql.Response{Errors: gqlerror.List{show(end, "")}}
	}
}
