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
	// authenticate says who is behind it now.
	authenticate func(context.Context) (domain.Actor, error)
	// end ends what stands on it; nil where that does not last.
	end context.CancelCauseFunc

	mu    sync.Mutex
	actor domain.Actor
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
	c, _ := ctx.Value(credentialKey{}).(*credential)
	if c == nil {
		return domain.Actor{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.actor
}

// renewed looks at the credential of ctx again. One that is refused ends all that
// stands on it; that it cannot be told right now ends nothing.
func renewed(ctx context.Context) error {
	c, _ := ctx.Value(credentialKey{}).(*credential)
	if c == nil {
		return errRevoked
	}
	actor, err := c.authenticate(ctx)
	if err != nil {
		if domain.KindOf(err) == domain.KindUnauthenticated {
			c.end(errRevoked)
		}
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.actor = actor
	return nil
}

// lasting returns a context that ends with the credential: when that expires, or
// when it is found to be refused.
func (h *handler) lasting(ctx context.Context, c *credential) context.Context {
	ctx, c.end = context.WithCancelCause(withCredential(ctx, c))
	if at := c.actor.ExpiresAt; at != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, *at, errExpired)
		context.AfterFunc(ctx, cancel) // the connection's end frees it, too
	}
	go h.keepRenewing(ctx)
	return ctx
}

func (h *handler) keepRenewing(ctx context.Context) {
	ticks := time.NewTicker(h.Limits.Reauthenticate)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			if err := renewed(ctx); err != nil && ctx.Err() == nil {
				h.Log.DebugContext(ctx, "graphql: authenticating again", "error", err)
			}
		}
	}
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
