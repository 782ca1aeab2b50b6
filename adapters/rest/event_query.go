package rest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// defaultEvents and mostEvents are how many events come at a time.
	defaultEvents, mostEvents = 100, 1000
	// longestWait is the most seconds that a caller can wait for an event.
	longestWait = 30
)

// eventQuery is what is asked of the event log.
type eventQuery struct {
	// after is where to begin; nil for wherever is usual.
	after  *domain.Cursor
	filter domain.EventFilter
	limit  int
	wait   time.Duration
}

// eventQuery reads the parameters of the address, and where the consumer is, if one
// is named.
func (d *door) eventQuery(r *http.Request, actor domain.Actor) (eventQuery, error) {
	sent := r.URL.Query()
	in := &input{fields: formFields(sent)}
	q := eventQuery{
		after: in.cursor("after"),
		limit: in.whole("limit", defaultEvents, 1, mostEvents),
		wait:  time.Duration(in.whole("wait", 0, 0, longestWait)) * time.Second,
	}
	for _, text := range append(sent["type"], sent["type[]"]...) {
		kind, err := domain.ParseEventType(text)
		if err != nil {
			in.errs = append(in.errs, err)
			break
		}
		q.filter.Types = append(q.filter.Types, kind)
	}
	if len(in.errs) == 0 {
		if err := q.filter.Validate(); err != nil {
			in.errs = append(in.errs, err)
		}
	}
	if err := in.err(); err != nil {
		return q, err
	}
	var consumer *string
	if _, named := in.fields["consumer"]; named {
		name := in.text("consumer")
		consumer = &name
	}
	var err error
	q.after, err = d.Consumers.Begin(r.Context(), actor, q.after, consumer)
	return q, err
}

// cursor reads null or a place in the event log, as text or as the number that it is.
func (in *input) cursor(name string) *domain.Cursor {
	value := in.value(name)
	if value == nil {
		return nil
	}
	cursor, err := domain.ParseCursor(textOf(value))
	if err != nil {
		in.refuse(name, "%s", domain.MessageOf(err))
		return nil
	}
	return &cursor
}

// whole reads a whole number, or what it is when there is none.
func (in *input) whole(name string, otherwise, least, most int) int {
	value := in.value(name)
	if value == nil {
		return otherwise
	}
	n, err := strconv.Atoi(textOf(value))
	if err != nil || n < least || n > most {
		in.refuse(name, "must be a whole number from %d to %d", least, most)
		return otherwise
	}
	return n
}
