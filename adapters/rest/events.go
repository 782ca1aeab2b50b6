package rest

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

// textOf is a text, or a number as it was written; "" for anything else.
func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// findEvents lists part of the event log. A caller that is at its end may wait.
func (d *door) findEvents(r *http.Request, actor domain.Actor) (reply, error) {
	q, err := d.eventQuery(r, actor)
	if err != nil {
		return reply{}, err
	}
	page, err := d.Events.Find(r.Context(), actor, q.after, q.filter, q.limit)
	if err == nil && len(page.Events) == 0 && q.wait > 0 && r.Method != http.MethodHead {
		if !d.listeners.enter(actor.UserID) {
			return tooManyListen(), nil
		}
		defer d.listeners.leave(actor.UserID)
		var came bool
		if came, err = d.await(r.Context(), actor, page.Next, q); came {
			page, err = d.Events.Find(r.Context(), actor, &page.Next, q.filter, q.limit)
		}
	}
	if err != nil {
		return reply{}, err
	}
	return ok(appendEventPage(nil, page)), nil
}

// await reports whether an event has come before the wait was over.
func (d *door) await(ctx context.Context, actor domain.Actor, after domain.Cursor, q eventQuery) (came bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, q.wait)
	defer cancel()
	events, err := d.Events.Watch(ctx, func() domain.Actor { return actor }, &after, q.filter)
	if err != nil {
		return false, err
	}
	_, came = <-events
	return came, nil
}

// acknowledge notes how far a consumer has got.
func (d *door) acknowledge(r *http.Request, actor domain.Actor) (reply, error) {
	in, err := d.read(r)
	if err != nil {
		return reply{}, err
	}
	cursor := in.cursor("cursor")
	if cursor == nil && len(in.errs) == 0 {
		in.require("cursor")
	}
	if err := in.err(); err != nil {
		return reply{}, err
	}
	consumer, err := d.Consumers.Acknowledge(r.Context(), actor, r.PathValue("name"), *cursor)
	if err != nil {
		return reply{}, err
	}
	return ok(appendConsumer(nil, consumer)), nil
}

func appendEventPage(b []byte, page app.EventPage) []byte {
	b = append(b, `{"events":[`...)
	for i := range page.Events {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendEvent(b, &page.Events[i])
	}
	b = appendText(append(b, `],"next":`...), page.Next.String())
	if page.More {
		return append(b, `,"more":true}`...)
	}
	return append(b, `,"more":false}`...)
}

// appendEvent appends what happened to a torrent.
func appendEvent(b []byte, e *domain.Event) []byte {
	b = appendText(append(b, `{"cursor":`...), e.Cursor.String())
	b = appendText(append(b, `,"type":`...), string(e.Type))
	b = appendUUID(append(b, `,"torrent_id":`...), &e.TorrentID)
	b = appendUUID(append(b, `,"server_id":`...), &e.ServerID)
	b = appendUUID(append(b, `,"user_id":`...), e.UserID)
	b = appendTextOrNull(append(b, `,"name":`...), e.Name)
	b = appendTextOrNull(append(b, `,"hash_string":`...), e.HashString)
	b = appendTime(append(b, `,"completed_at":`...), e.CompletedAt)
	b = appendTextOrNull(append(b, `,"problem":`...), e.Problem)
	b = appendTime(append(b, `,"at":`...), &e.At)
	return append(b, '}')
}

func appendConsumer(b []byte, c *domain.Consumer) []byte {
	b = appendText(append(b, `{"name":`...), c.Name)
	b = appendText(append(b, `,"cursor":`...), c.Cursor.String())
	b = appendTime(append(b, `,"created_at":`...), &c.CreatedAt)
	b = appendTime(append(b, `,"updated_at":`...), &c.UpdatedAt)
	return append(b, '}')
}
