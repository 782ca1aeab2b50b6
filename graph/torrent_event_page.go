package graph

import (
	"context"
	"errors"
	"fmt"

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

func (r *Resolver) eventPage(ctx context.Context, first int, after *string, filter *domain.EventFilter) ([]*domain.Event, *page.Info, error) {
	place, err := parsed(after, domain.ParseCursor)
	if err := errors.Join(checkFirst(first), err); err != nil {
		return nil, nil, err
	}
	found, err := r.Events.Find(ctx, actorOf(ctx), place, eventFilter(filter), first)
	if err != nil {
		return nil, nil, err
	}
	cursor := func(i int) string { return found.Events[i].Cursor.String() }
	return pointers(found.Events), newPageInfo(len(found.Events), cursor, found.More, after != nil), nil
}

func (r *Resolver) torrentEventPage(ctx context.Context, first int, after *string, filter *domain.EventFilter) (generated.TorrentEventConnection, error) {
	nodes, info, err := r.eventPage(ctx, first, after, filter)
	if err != nil {
		return generated.TorrentEventConnection{}, err
	}
	edges := make([]*generated.TorrentEventEdge, len(nodes))
	for i, node := range nodes {
		edges[i] = &generated.TorrentEventEdge{Cursor: node.Cursor.String(), Node: node}
	}
	return generated.TorrentEventConnection{Edges: edges, Nodes: nodes, PageInfo: info}, nil
}

// serversAt returns the server of each event: there always is one, be it removed.
func serversAt(ctx context.Context, events []*domain.Event) ([]domain.Server, error) {
	ids := make([]uuid.UUID, len(events))
	for i, event := range events {
		ids[i] = event.ServerID
	}
	found, err := loadersOf(ctx).servers.load(ctx, ids)
	if err != nil {
		return nil, err
	}
	servers := make([]domain.Server, len(found))
	for i, server := range found {
		if server == nil {
			return nil, fmt.Errorf("event %s: its server %s is not stored", events[i].Cursor, ids[i])
		}
		servers[i] = *server
	}
	return servers, nil
}

// acknowledge notes how far a consumer has got.
func (r *Resolver) acknowledge(ctx context.Context, input generated.AcknowledgeInput) (generated.AcknowledgePayload, error) {
	cursor, err := domain.ParseCursor(input.Cursor)
	if err != nil {
		return generated.AcknowledgePayload{}, domain.Invalid("cursor", "%s", domain.MessageOf(err))
	}
	consumer, err := r.Consumers.Acknowledge(ctx, actorOf(ctx), input.Consumer, cursor)
	return generated.AcknowledgePayload{Consumer: consumer}, err
}
