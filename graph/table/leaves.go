package table

import (
	"math"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/graph/scalar"
)

const null = "null"

// Text is a text; an empty one is null where the schema allows that.
func Text[T any](get func(*T) string) Planner[T] {
	required := leaf(func(b []byte, object *T) []byte { return scalar.AppendString(b, get(object)) })
	nullable := leaf(func(b []byte, object *T) []byte {
		if text := get(object); text != "" {
			return scalar.AppendString(b, text)
		}
		return append(b, null...)
	})
	return func(l *list, field graphql.CollectedField) preparer[T] {
		if field.Definition.Type.NonNull {
			return required(l, field)
		}
		return nullable(l, field)
	}
}

// Name is the value of an enum; an empty one is null.
func Name[T any, N ~string](get func(*T) N) Planner[T] {
	return leaf(func(b []byte, object *T) []byte {
		if value := get(object); value != "" {
			return append(append(append(b, '"'), value...), '"')
		}
		return append(b, null...)
	})
}

// ID is an id; the zero one is null.
func ID[T any](get func(*T) uuid.UUID) Planner[T] {
	return leaf(func(b []byte, object *T) []byte { return scalar.AppendUUID(b, get(object)) })
}

// Moment is a moment in time.
func Moment[T any](get func(*T) time.Time) Planner[T] {
	return leaf(func(b []byte, object *T) []byte { return scalar.AppendDateTime(b, get(object)) })
}

// MomentOrNull is a moment in time that may be missing.
func MomentOrNull[T any](get func(*T) *time.Time) Planner[T] {
	return leaf(func(b []byte, object *T) []byte {
		if at := get(object); at != nil {
			return scalar.AppendDateTime(b, *at)
		}
		return append(b, null...)
	})
}

// Number is a whole number.
func Number[T any, N ~int | ~int64](get func(*T) N) Planner[T] {
	return leaf(func(b []byte, object *T) []byte { return strconv.AppendInt(b, int64(get(object)), 10) })
}

// Boolean is true or false.
func Boolean[T any](get func(*T) bool) Planner[T] {
	return leaf(func(b []byte, object *T) []byte { return strconv.AppendBool(b, get(object)) })
}

// Float is a number that may be missing. What is no number is left to the executor,
// which says so.
func Float[T any](get func(*T) *float64) Planner[T] {
	return func(l *list, _ graphql.CollectedField) preparer[T] {
		return leaf(func(b []byte, object *T) []byte {
			value := get(object)
			if value == nil {
				return append(b, null...)
			}
			if math.IsInf(*value, 0) || math.IsNaN(*value) {
				l.unfit = true
			}
			return strconv.AppendFloat(b, *value, 'g', -1, 64)
		})(l, graphql.CollectedField{})
	}
}

// Seconds is a duration that may be missing.
func Seconds[T any](get func(*T) *time.Duration) Planner[T] {
	return leaf(func(b []byte, object *T) []byte {
		if d := get(object); d != nil {
			return scalar.AppendSeconds(b, *d)
		}
		return append(b, null...)
	})
}
