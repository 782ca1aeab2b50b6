package graph_test

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// breakingChanges lists what a client of the old schema would stumble over in the
// new one, sorted. What is added does no harm, as long as nobody has to know of it.
func breakingChanges(before, after *ast.Schema) []string {
	var c changes
	for name, old := range before.Types {
		if old.BuiltIn {
			continue
		}
		if now := after.Types[name]; now == nil {
			c.add("%s is gone", name)
		} else if old.Kind != now.Kind {
			c.add("%s was %s and is %s", name, old.Kind, now.Kind)
		} else {
			c.compareTypes(old, now)
		}
	}
	for name, old := range before.Directives {
		if now := after.Directives[name]; now == nil {
			c.add("@%s is gone", name)
		} else {
			c.compareDirectives(old, now)
		}
	}
	slices.Sort(c)
	return c
}

type changes []string

func (c *changes) add(format string, args ...any) { *c = append(*c, fmt.Sprintf(format, args...)) }

func (c *changes) compareTypes(old, now *ast.Definition) {
	for _, name := range old.Interfaces {
		if !slices.Contains(now.Interfaces, name) {
			c.add("%s is no %s any more", old.Name, name)
		}
	}
	for _, name := range old.Types {
		if !slices.Contains(now.Types, name) {
			c.add("%s no longer holds %s", old.Name, name)
		}
	}
	for _, value := range old.EnumValues {
		if now.EnumValues.ForName(value.Name) == nil {
			c.add("%s.%s is gone", old.Name, value.Name)
		}
	}
	if old.Kind == ast.InputObject {
		c.compareInputs(old.Name+".%s", inputFields(old.Fields), inputFields(now.Fields))
		return
	}
	for _, field := range old.Fields {
		name := old.Name + "." + field.Name
		switch same := now.Fields.ForName(field.Name); {
		case same == nil:
			c.add("%s is gone", name)
		case !outputFits(field.Type, same.Type):
			c.add("%s was %s and is %s", name, field.Type, same.Type)
		default:
			c.compareInputs(name+"(%s)", field.Arguments, same.Arguments)
		}
	}
}

func (c *changes) compareDirectives(old, now *ast.DirectiveDefinition) {
	for _, location := range old.Locations {
		if !slices.Contains(now.Locations, location) {
			c.add("@%s may not stand on %s any more", old.Name, location)
		}
	}
	if old.IsRepeatable && !now.IsRepeatable {
		c.add("@%s may not be repeated any more", old.Name)
	}
	c.compareInputs("@"+old.Name+"(%s)", old.Arguments, now.Arguments)
}

// compareInputs compares arguments, or an input's fields; naming is how to write one.
func (c *changes) compareInputs(naming string, old, now ast.ArgumentDefinitionList) {
	for _, input := range old {
		name := fmt.Sprintf(naming, input.Name)
		switch same := now.ForName(input.Name); {
		case same == nil:
			c.add("%s is gone", name)
		case !inputFits(input.Type, same.Type):
			c.add("%s was %s and is %s", name, input.Type, same.Type)
		case input.DefaultValue != nil && (same.DefaultValue == nil || input.DefaultValue.String() != same.DefaultValue.String()):
			c.add("%s had the default %s and has %s", name, input.DefaultValue, orNone(same.DefaultValue))
		}
	}
	for _, input := range now {
		if old.ForName(input.Name) == nil && input.Type.NonNull && input.DefaultValue == nil {
			c.add("%s is new and required", fmt.Sprintf(naming, input.Name))
		}
	}
}

func orNone(value *ast.Value) string {
	if value == nil {
		return "none"
	}
	return value.String()
}

func inputFields(fields ast.FieldList) ast.ArgumentDefinitionList {
	var all ast.ArgumentDefinitionList
	for _, field := range fields {
		all = append(all, &ast.ArgumentDefinition{Name: field.Name, Type: field.Type, DefaultValue: field.DefaultValue})
	}
	return all
}

// outputFits reports whether who reads old can read now: it may promise more.
func outputFits(old, now *ast.Type) bool {
	if old.NonNull && !now.NonNull {
		return false
	}
	if old.Elem == nil || now.Elem == nil {
		return old.Elem == now.Elem && old.NamedType == now.NamedType
	}
	return outputFits(old.Elem, now.Elem)
}

// inputFits reports whether what was given for old may be given for now: it may ask
// less.
func inputFits(old, now *ast.Type) bool { return outputFits(now, old) }
