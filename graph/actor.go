package graph

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

// actorKey keeps who is asking in the context, from the door to the resolver and
// no further: use cases take the actor as a parameter.
type actorKey struct{}

func withActor(ctx context.Context, actor domain.Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// actorOf returns who is asking. The zero Actor, which may do nothing, is what a
// hole in the door would give.
func actorOf(ctx context.Context) domain.Actor {
	actor, _ := ctx.Value(actorKey{}).(domain.Actor)
	return actor
}
