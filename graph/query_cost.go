package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// cost is what a selection asks for, its fragments included as often as they are
// spread.
type cost struct {
	// size counts fields and spreads.
	size int
	// complexity counts fields as often as the lists around them are long.
	complexity int
	// introspection is what of that is about the schema itself, which costs less.
	introspection int
	// depth is how deep fields are nested.
	depth int
	// aliases counts renamed fields.
	aliases int
	// fields counts those of the selection itself, not of what is below.
	fields int
	// introspects: the schema itself is asked for.
	introspects bool
}

// mostCost stops counting where every limit is passed.
const mostCost = 1 << 40

// measurer measures each fragment once: spreading two fragments in each of a chain
// of them makes a document of a few lines exponentially large.
type measurer struct {
	ctx       context.Context //nolint:containedctx // for as long as it is measured
	schema    graphql.ExecutableSchema
	variables map[string]any
	fragments map[*ast.FragmentDefinition]cost
}

func measure(ctx context.Context, schema graphql.ExecutableSchema, op *graphql.OperationContext) cost {
	m := measurer{ctx, schema, op.Variables, map[*ast.FragmentDefinition]cost{}}
	return m.set(op.Operation.SelectionSet)
}

func (m measurer) set(set ast.SelectionSet) cost {
	var sum cost
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			sum = sum.plus(m.field(s))
		case *ast.InlineFragment:
			sum = sum.plus(m.set(s.SelectionSet))
		case *ast.FragmentSpread:
			sum = sum.plus(m.fragment(s.Definition))
			sum.size++
		}
	}
	return sum
}

func (m measurer) field(field *ast.Field) cost {
	below := m.set(field.SelectionSet)
	below.size, below.depth, below.fields = below.size+1, below.depth+1, 1
	below.complexity = min(m.complexity(field, below.complexity), mostCost)
	if field.Alias != field.Name {
		below.aliases++
	}
	if field.Name == "__schema" || field.Name == "__type" {
		// How deep the schema's own lists may be nested, validation bounds.
		below.complexity, below.introspection, below.depth, below.introspects = 1, below.complexity, 1, true
	}
	return below
}

// complexity multiplies what is below a field as often as there may be of it.
func (m measurer) complexity(field *ast.Field, below int) int {
	if len(field.SelectionSet) == 0 {
		return 1
	}
	arguments := field.ArgumentMap(m.variables)
	if known, ok := m.schema.Complexity(m.ctx, field.ObjectDefinition.Name, field.Name, below, arguments); ok {
		return max(known, 1)
	}
	return 1 + below*m.length(field, arguments)
}

func (m measurer) fragment(fragment *ast.FragmentDefinition) cost {
	if known, ok := m.fragments[fragment]; ok {
		return known
	}
	sum := m.set(fragment.SelectionSet)
	m.fragments[fragment] = sum
	return sum
}

func (c cost) plus(other cost) cost {
	return cost{
		size:          min(c.size+other.size, mostCost),
		complexity:    min(c.complexity+other.complexity, mostCost),
		introspection: min(c.introspection+other.introspection, mostCost),
		depth:         max(c.depth, other.depth),
		aliases:       min(c.aliases+other.aliases, mostCost),
		fields:        min(c.fields+other.fields, mostCost),
		introspects:   c.introspects || other.introspects,
	}
}
