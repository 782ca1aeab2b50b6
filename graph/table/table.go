// Package table writes lists of objects as JSON in one pass: each type of the schema
// has a table of the fields that are known of it, a field is a column, and an object
// is a row. What is written is what the executor would write.
package table

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Of knows fields of a type of the schema, whose objects are Ts.
type Of[T any] struct {
	typeName string
	fields   Fields[T]
}

// Fields are planners by the names of their fields.
type Fields[T any] map[string]Planner[T]

// New makes the table of a type.
func New[T any](typeName string, fields Fields[T]) *Of[T] { return &Of[T]{typeName, fields} }

// Knows tells which fields of which type the table has.
func (of *Of[T]) Knows() (typeName string, fields []string) {
	for name := range of.fields {
		fields = append(fields, name)
	}
	return of.typeName, fields
}

// Planner looks at what is asked of a field, before anything is loaded, and returns
// nil when there is something that is not known.
type Planner[T any] func(list *list, field graphql.CollectedField) preparer[T]

// preparer makes a column of objects; nil ones among them have none.
type preparer[T any] func(ctx context.Context, objects []*T) (column, error)

// column appends one field of the i-th object.
type column func(b []byte, i int) []byte

// list is one list while it is written.
type list struct {
	op *graphql.OperationContext
	// unfit: null stands where none may be. What follows from that is the executor's
	// business.
	unfit bool
}

// check looks at a value that must not be null.
func (l *list) check(value []byte) {
	if string(value) == "null" {
		l.unfit = true
	}
}

// sizeOfObject is about how long an object is, in bytes.
const sizeOfObject = 1 << 10

// Write returns the JSON of objects, which are the value of field. It is not ok to use
// it when something is asked that the tables do not know, when an edge cannot be loaded,
// or when null would stand where none may be: the executor knows what to do then.
func (of *Of[T]) Write(
	ctx context.Context, op *graphql.OperationContext, field graphql.CollectedField, objects []*T,
) (text []byte, ok bool) {
	if field.Definition == nil || !isListOf(field.Definition.Type, of.typeName) {
		return nil, false
	}
	l := &list{op: op}
	prepare := of.plan(l, field.Selections)
	if prepare == nil {
		return nil, false
	}
	write, err := prepare(ctx, objects)
	if err != nil {
		return nil, false // the executor meets it again, and says where it belongs
	}
	text = append(make([]byte, 0, 2+sizeOfObject*len(objects)), '[')
	for i := range objects {
		if i > 0 {
			text = append(text, ',')
		}
		before := len(text)
		text = write(text, i)
		l.check(text[before:])
	}
	return append(text, ']'), !l.unfit
}

// isListOf reports whether t is [name!] or [name!]!.
func isListOf(t *ast.Type, name string) bool {
	return t.Elem != nil && t.Elem.NonNull && t.Elem.NamedType == name
}

// plan looks at a selection; nil when there is something in it that is not known.
func (of *Of[T]) plan(l *list, selection ast.SelectionSet) preparer[T] {
	fields := graphql.CollectFields(l.op, selection, []string{of.typeName})
	prepare := make([]preparer[T], len(fields))
	for i, field := range fields {
		planner := of.fields[field.Name]
		if field.Name == "__typename" {
			planner = constant[T](`"` + of.typeName + `"`)
		}
		if planner == nil || len(field.Deferrables) > 0 || len(field.Arguments) > 0 {
			return nil
		}
		if prepare[i] = planner(l, field); prepare[i] == nil {
			return nil
		}
	}
	return func(ctx context.Context, objects []*T) (column, error) {
		columns := make([]named, len(fields))
		for i, field := range fields {
			write, err := prepare[i](ctx, objects)
			if err != nil {
				return nil, err
			}
			columns[i] = named{key: `"` + field.Alias + `":`, required: field.Definition.Type.NonNull, write: write}
		}
		return rows(l, objects, columns), nil
	}
}

// named is a column with its key.
type named struct {
	key      string
	required bool
	write    column
}

// rows writes objects of such columns.
func rows[T any](l *list, objects []*T, columns []named) column {
	return func(b []byte, i int) []byte {
		if objects[i] == nil {
			return append(b, "null"...)
		}
		b = append(b, '{')
		for j := range columns {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(b, columns[j].key...)
			before := len(b)
			b = columns[j].write(b, i)
			if columns[j].required {
				l.check(b[before:])
			}
		}
		return append(b, '}')
	}
}
