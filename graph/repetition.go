package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

const (
	// mostOfOneName is how often one name may be asked for in a document. Validation
	// compares every field with every other of its name: 20 KB of `id id id …` would take
	// it seconds.
	mostOfOneName = 100
	// shortDocument has no room for so many.
	shortDocument = 2 * mostOfOneName
)

// repetition refuses documents whose validation would take too long.
type repetition struct {
	cache  *queryCache
	tokens int
}

var _ graphql.OperationParameterMutator = repetition{}

// ExtensionName implements graphql.HandlerExtension.
func (repetition) ExtensionName() string { return "Repetition" }

// Validate implements graphql.HandlerExtension.
func (repetition) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters implements graphql.OperationParameterMutator. Documents that
// are known have been validated.
func (r repetition) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	if len(params.Query) < shortDocument {
		return nil
	}
	if _, known := r.cache.Get(ctx, params.Query); known {
		return nil
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: params.Query}, r.tokens)
	if err != nil {
		return nil //nolint:nilerr // the executor says so
	}
	names := map[string]int{}
	for _, operation := range document.Operations {
		countNames(operation.SelectionSet, names)
	}
	for _, fragment := range document.Fragments {
		countNames(fragment.SelectionSet, names)
	}
	for name, times := range names {
		if times > mostOfOneName {
			return refused("%s is asked for %d times, which is more than %d", name, times, mostOfOneName)
		}
	}
	return nil
}

// countNames counts each selection where it is written, however often it is spread.
func countNames(set ast.SelectionSet, names map[string]int) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			names[s.Alias]++
			countNames(s.SelectionSet, names)
		case *ast.InlineFragment:
			countNames(s.SelectionSet, names)
		case *ast.FragmentSpread:
			names["..."+s.Name]++
		}
	}
}
