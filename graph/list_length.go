package graph

import (
	"cmp"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// How long a list is taken to be when it does not say so itself.
const (
	// usualPage is the length of a page whose length is not given.
	usualPage = 50
	// fewItems is the length of a list without pages.
	fewItems = 20
)

// schemaLists is how long the lists of the schema itself are: about its averages.
// They cost next to nothing each, so they have a budget of their own.
var schemaLists = map[string]int{
	"fields": 6, "args": 1, "inputFields": 2, "enumValues": 1, "interfaces": 1, "possibleTypes": 1, "directives": 6,
}

// costOfType is what introspection may ask of each type of the schema: more than twice
// what common tools do.
const costOfType = 1_500

// length says for how many items the fields below a field are to be paid, where
// listCosts does not. It is read from the schema, so that no list that is ever added is
// forgotten.
func (m measurer) length(field *ast.Field, arguments map[string]any) int {
	switch definition := field.Definition; {
	case strings.HasPrefix(field.ObjectDefinition.Name, "__"):
		if field.Name == "types" {
			return len(m.schema.Schema().Types)
		}
		return max(schemaLists[field.Name], 1)
	case definition.Arguments.ForName("first") != nil:
		return cmp.Or(pageLength(arguments["first"]), pageLength(arguments["last"]), usualPage)
	case definition.Type.Elem == nil || strings.HasSuffix(field.ObjectDefinition.Name, "Connection"):
		return 1 // what is in a connection, the page has paid for
	}
	return fewItems
}

// pageLength takes a length that will be refused anyway for the nearest allowed one;
// 0 is none.
func pageLength(argument any) int {
	if argument == nil {
		return 0
	}
	length, err := graphql.UnmarshalInt(argument)
	if err != nil {
		return maxPage // which a number of more than 64 bits is nearest to
	}
	return min(max(length, 1), maxPage)
}
