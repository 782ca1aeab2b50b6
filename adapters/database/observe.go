package database

import (
	"context"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// observer tells of statements without their values: Bun writes these into the
// text, which therefore must never be shown or logged.
type observer struct {
	observe func(operation, query string)
}

var _ bun.QueryHook = observer{}

// BeforeQuery does nothing.
func (observer) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

// AfterQuery reports the statement.
func (o observer) AfterQuery(_ context.Context, event *bun.QueryEvent) {
	o.observe(event.Operation(), template(event))
}

// template is the statement with placeholders for its values.
func template(event *bun.QueryEvent) string {
	if event.IQuery == nil {
		return event.QueryTemplate
	}
	// A generator that formats nothing leaves the placeholders where they are.
	text, err := event.IQuery.AppendQuery(schema.NewNopQueryGen(), nil)
	if err != nil {
		return event.Operation()
	}
	return string(text)
}
