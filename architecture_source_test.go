package architecture_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is all Go files of the module, whatever system or tags they are for.
type source []file

type file struct {
	path   string
	folder string
	tree   *ast.File
}

// read parses the module below root.
func read(t *testing.T, root string) source {
	t.Helper()
	contents := map[string]string{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			// tools is a module of its own; data belongs to a running product.
			if name != root && (strings.HasPrefix(entry.Name(), ".") || slices.Contains(
				[]string{"testdata", "node_modules", "tools", "data", "bin"}, entry.Name())) {
				return filepath.SkipDir
			}
		case strings.HasSuffix(name, ".go"):
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			contents[filepath.ToSlash(name)] = string(text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, contents)
}

func parse(t *testing.T, contents map[string]string) source {
	t.Helper()
	var files source
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		tree, err := parser.ParseFile(token.NewFileSet(), name, contents[name], parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file{path: name, folder: path.Dir(name), tree: tree})
	}
	return files
}

func (f file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// isCode reports whether the file is the product's own code: not a test, nor support of tests.
func (f file) isCode() bool {
	return !f.isTest() && !within(f.folder, "internal/testkit") && !within(f.folder, "ports/portstest") &&
		!within(f.folder, "bench")
}

func (f file) isGenerated() bool { return ast.IsGenerated(f.tree) }

// imports returns the paths the file imports.
func (f file) imports() []string {
	var paths []string
	for _, spec := range f.tree.Imports {
		paths = append(paths, importPath(spec))
	}
	return paths
}

func importPath(spec *ast.ImportSpec) string {
	unquoted, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value
	}
	return unquoted
}

// ours returns the folder behind an import path of this module.
func ours(imported string) (folder string, ok bool) { return strings.CutPrefix(imported, module) }

// isStandard reports whether an import path is the standard library's: they have no dot in the first element.
func isStandard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

// mentions reports whether the file uses a name of the imported package, under whatever name it is imported.
func (f file) mentions(imported, name string) bool {
	local := path.Base(imported)
	found := false
	for _, spec := range f.tree.Imports {
		if importPath(spec) != imported {
			continue
		}
		found = true
		if spec.Name != nil {
			local = spec.Name.Name
		}
	}
	if !found {
		return false
	}
	found = false
	ast.Inspect(f.tree, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if ok && selector.Sel.Name == name {
			if of, ok := selector.X.(*ast.Ident); ok && of.Name == local {
				found = true
			}
		}
		return !found
	})
	return found
}

// each collects what check says about every file.
func each(check func(file) []string) func(source) []string {
	return func(files source) []string {
		var found []string
		for _, f := range files {
			found = append(found, check(f)...)
		}
		return found
	}
}
