package graph

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
)

func (r *mutationResolver) Acknowledge(ctx context.Context, input generated.AcknowledgeInput) (generated.AcknowledgePayload, error) {
	return r.acknowledge(ctx, input)
}

func (r *mutationResolver) RemoveConsumer(ctx context.Context, input generated.RemoveConsumerInput) (generated.RemoveConsumerPayload, error) {
	name, err := r.Resolver.Consumers.Remove(ctx, actorOf(ctx), input.Consumer)
	return generated.RemoveConsumerPayload{Consumer: name}, err
}

func (r *queryResolver) Consumers(ctx context.Context) ([]*domain.Consumer, error) {
	return r.Resolver.Consumers.Find(ctx, actorOf(ctx))
}
