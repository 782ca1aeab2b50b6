package graph

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// Costs returns what an operation of a schema costs that nobody has told any costs of,
// and what of it is introspection.
func Costs(schema *ast.Schema, document string, variables map[string]any) (complexity, introspection int, err error) {
	parsed, errs := gqlparser.LoadQueryWithRules(schema, document, nil)
	if len(errs) > 0 {
		return 0, 0, errors.Join(errs)
	}
	untold := &graphql.ExecutableSchemaMock{
		SchemaFunc: func() *ast.Schema { return schema },
		ComplexityFunc: func(context.Context, string, string, int, map[string]any) (int, bool) {
			return 0, false
		},
	}
	sum := measure(context.Background(), untold, &graphql.OperationContext{Operation: parsed.Operations[0], Variables: variables})
	return sum.complexity, sum.introspection, nil
}
