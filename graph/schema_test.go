package graph_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/clarion-app/download-manager/domain"
)

// The schema is the public documentation, so nothing of it may go without a word.
func TestSchemaIsDescribed(t *testing.T) {
	t.Parallel()
	schema := loadSchema(t)
	described := func(element, description string) {
		if strings.TrimSpace(description) == "" {
			t.Errorf("%s has no description", element)
		}
	}
	for name, definition := range schema.Types {
		if definition.BuiltIn {
			continue
		}
		described(name, definition.Description)
		for _, field := range definition.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			described(name+"."+field.Name, field.Description)
			for _, argument := range field.Arguments {
				described(name+"."+field.Name+"("+argument.Name+")", argument.Description)
			}
		}
		for _, value := range definition.EnumValues {
			described(name+"."+value.Name, value.Description)
		}
	}
	for name, directive := range schema.Directives {
		if directive.Position.Src.BuiltIn {
			continue
		}
		described("@"+name, directive.Description)
		for _, argument := range directive.Arguments {
			described("@"+name+"("+argument.Name+")", argument.Description)
		}
	}
}

// The schema's house style: one argument `input` of a type of its own for each
// mutation, and a payload of its own.
func TestMutationsHaveOneInputAndAPayload(t *testing.T) {
	t.Parallel()
	for _, field := range loadSchema(t).Mutation.Fields {
		own := strings.ToUpper(field.Name[:1]) + field.Name[1:]
		if len(field.Arguments) != 1 || field.Arguments[0].Name != "input" || field.Arguments[0].Type.Name() != own+"Input" {
			t.Errorf("%s does not take one input of type %sInput", field.Name, own)
		}
		if field.Type.String() != own+"Payload!" {
			t.Errorf("%s returns %s, want %sPayload!", field.Name, field.Type, own)
		}
	}
}

func TestErrorCodesAreDocumented(t *testing.T) {
	t.Parallel()
	text := loadSchema(t).Types["Mutation"].Description
	for _, kind := range domain.Kinds() {
		if !strings.Contains(text, "`"+string(kind)+"`") {
			t.Errorf("the description of Mutation lacks %s", kind)
		}
	}
}

func TestCredentialsAreInputOnly(t *testing.T) {
	t.Parallel()
	for name, definition := range loadSchema(t).Types {
		for _, field := range definition.Fields {
			secret := strings.Contains(strings.ToLower(field.Name), "password") || strings.Contains(strings.ToLower(field.Name), "username")
			if secret && definition.Kind != ast.InputObject {
				t.Errorf("%s.%s can be read", name, field.Name)
			}
		}
	}
}

func loadSchema(t *testing.T) *ast.Schema {
	t.Helper()
	files, err := filepath.Glob("schema/*.graphqls")
	if err != nil || len(files) == 0 {
		t.Fatal("no schema", err)
	}
	var sources []*ast.Source
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: file, Input: string(text)})
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
