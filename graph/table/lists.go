package table

import (
	"strconv"

	"github.com/clarion-app/download-manager/graph/scalar"
)

// Numbers is a list of whole numbers, never null.
func Numbers[T any, N ~int | ~int64](get func(*T) []N) Planner[T] {
	return elements(get, func(b []byte, n N) []byte { return strconv.AppendInt(b, int64(n), 10) })
}

// Names is a list of values of an enum, never null.
func Names[T any, N ~string](get func(*T) []N) Planner[T] {
	return elements(get, func(b []byte, name N) []byte { return append(append(append(b, '"'), name...), '"') })
}

// Texts is a list of texts, never null.
func Texts[T any](get func(*T) []string) Planner[T] {
	return elements(get, scalar.AppendString)
}

// NumberOrNull is a whole number that may be missing.
func NumberOrNull[T any](get func(*T) *int64) Planner[T] {
	return leaf(func(b []byte, object *T) []byte {
		if n := get(object); n != nil {
			return strconv.AppendInt(b, *n, 10)
		}
		return append(b, null...)
	})
}

func elements[T, E any](get func(*T) []E, write func([]byte, E) []byte) Planner[T] {
	return leaf(func(b []byte, object *T) []byte {
		b = append(b, '[')
		for i, element := range get(object) {
			if i > 0 {
				b = append(b, ',')
			}
			b = write(b, element)
		}
		return append(b, ']')
	})
}
