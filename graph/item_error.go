package graph

import (
	"context"
	"errors"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
)

// itemErrors shows the errors of single items as the presenter does those of fields,
// and counts them.
type itemErrors struct {
	present func(context.Context, error) *gqlerror.Error
	count   int
	// internal is our last fault: all of a batch have the same, which is logged once.
	internal error
	shown    *generated.ItemError
}

func (e *itemErrors) of(ctx context.Context, err error) *generated.ItemError {
	if err == nil {
		return nil
	}
	e.count++
	if e.internal != nil && errors.Is(err, e.internal) {
		return e.shown
	}
	shown := e.present(ctx, err)
	item := &generated.ItemError{Message: shown.Message}
	code, _ := shown.Extensions["code"].(string)
	item.Code = domain.Kind(code)
	if field, named := shown.Extensions["field"].(string); named {
		item.Field = &field
	}
	if item.Code == domain.KindInternal {
		e.internal, e.shown = err, item
	}
	return item
}
