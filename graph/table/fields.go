package table

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
)

var errHole = errors.New("an object is missing")

// Edge is a field that leads from each object to another, loaded for the whole list at
// once and in its order.
func Edge[T, U any](to *Of[U], load func(context.Context, []*T) ([]*U, error)) Planner[T] {
	return func(l *list, field graphql.CollectedField) preparer[T] {
		prepare := to.plan(l, field.Selections)
		if prepare == nil {
			return nil
		}
		return func(ctx context.Context, objects []*T) (column, error) {
			for _, object := range objects {
				if object == nil {
					return nil, errHole
				}
			}
			others, err := load(ctx, objects)
			if err != nil {
				return nil, err
			}
			return prepare(ctx, others)
		}
	}
}

// Part is a field that leads to an object which each object has in itself.
func Part[T, U any](of *Of[U], get func(*T) *U) Planner[T] {
	return func(l *list, field graphql.CollectedField) preparer[T] {
		prepare := of.plan(l, field.Selections)
		if prepare == nil {
			return nil
		}
		return func(ctx context.Context, objects []*T) (column, error) {
			parts := make([]*U, len(objects))
			for i, object := range objects {
				if object != nil {
					parts[i] = get(object)
				}
			}
			return prepare(ctx, parts)
		}
	}
}

// leaf is a field that has a value of its own.
func leaf[T any](write func(b []byte, object *T) []byte) Planner[T] {
	return func(*list, graphql.CollectedField) preparer[T] {
		return func(_ context.Context, objects []*T) (column, error) {
			return func(b []byte, i int) []byte { return write(b, objects[i]) }, nil
		}
	}
}

func constant[T any](text string) Planner[T] {
	return leaf(func(b []byte, _ *T) []byte { return append(b, text...) })
}
