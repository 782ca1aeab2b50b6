package graph

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
	"github.com/clarion-app/download-manager/graph/page"
)

func eventFilter(filter *domain.EventFilter) domain.EventFilter {
	if filter == nil {
		return domain.EventFilter{}
	}
	return *filter
}

// completions lets only completions through, of what filter does.
func completions(filter *domain.EventFilter) *domain.EventFilter {
	only := eventFilter(filter)
	only.Types = []domain.EventType{domain.EventCompleted}
	return &only
}

// watch follows events from a cursor, a consumer's place, or now.
func (r *Resolver) watch(ctx context.Context, after, consumer *string, filter *domain.EventFilter) (<-chan domain.Event, error) {
	place, err := parsed(after, domain.ParseCursor)
	if err := errors.Join(err, eventFilter(filter).Validate()); err != nil {
		return nil, err // before a consumer is made
	}
	place, err = r.Consumers.Begin(ctx, actorOf(ctx), place, consumer)
	if err != nil {
		return nil, err
	}
	actor, o := func() domain.Actor { return actorOf(ctx) }, operationOf(ctx)
	if o == nil {
		return r.Events.Watch(ctx, actor, place, eventFilter(filter))
	}
	events, err := r.Events.WatchAnd(ctx, actor, place, eventFilter(filter), o.wake)
	o.driven = err == nil
	return events, err
}

func (r *Resolver) eventPage(ctx context.Context, first int, after *string, filter *domain.EventFilter) (page.Events, error) {
	place, err := parsed(after, domain.ParseCursor)
	if err := errors.Join(checkFirst(first), err); err != nil {
		return page.Events{}, err
	}
	found, err := r.Events.Find(ctx, actorOf(ctx), place, eventFilter(filter), first)
	return page.Events{
		Nodes: pointers(found.Events), Before: after != nil, Behind: found.More,
		Cursor: func(event *domain.Event) string { return event.Cursor.String() },
	}, err
}

func serverIDOf(event *domain.Event) uuid.UUID { return event.ServerID }

// acknowledge notes how far a consumer has got.
func (r *Resolver) acknowledge(ctx context.Context, input generated.AcknowledgeInput) (generated.AcknowledgePayload, error) {
	cursor, err := domain.ParseCursor(input.Cursor)
	if err != nil {
		return generated.AcknowledgePayload{}, domain.Invalid("cursor", "%s", domain.MessageOf(err))
	}
	consumer, err := r.Consumers.Acknowledge(ctx, actorOf(ctx), input.Consumer, cursor)
	return generated.AcknowledgePayload{Consumer: consumer}, err
}
