package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/clarion-app/download-manager/graph/generated"
)

// TrustedDocuments are the only documents that may be run, where there are any.
type TrustedDocuments struct {
	byID map[string]string // by the id they were given under, and by the hash of their text
}

// ReadTrustedDocuments reads documents and validates each. path is a JSON file, an
// object of id (or hash) to document as code generators write it, or a folder of
// .graphql files, each a document whose id is its name.
func ReadTrustedDocuments(path string) (*TrustedDocuments, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	read := readDocumentMap
	if info.IsDir() {
		read = readDocumentFolder
	}
	texts, err := read(path)
	if err != nil {
		return nil, err
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("%s: there is no document in it", path)
	}
	documents := &TrustedDocuments{byID: map[string]string{}}
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	var errs []error
	for id, text := range texts {
		if err := checkDocument(schema, text); err != nil {
			errs = append(errs, fmt.Errorf("%s: document %s: %w", path, id, err))
		}
		for _, id := range []string{id, hashOf(text), hashOf(strings.TrimSpace(text))} { // files end in an empty line
			documents.byID[id] = text
		}
	}
	return documents, errors.Join(errs...)
}

func readDocumentMap(path string) (map[string]string, error) {
	content, err := os.ReadFile(path) //nolint:gosec // whoever configures the product may choose it
	if err != nil {
		return nil, err
	}
	var texts map[string]string
	if err := json.Unmarshal(content, &texts); err != nil {
		return nil, fmt.Errorf("%s must be a JSON object of ids to documents: %w", path, err)
	}
	return texts, nil
}

func readDocumentFolder(path string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(path, "*.graphql"))
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, file := range files {
		content, err := os.ReadFile(file) //nolint:gosec // the same
		if err != nil {
			return nil, err
		}
		texts[strings.TrimSuffix(filepath.Base(file), ".graphql")] = string(content)
	}
	return texts, nil
}

func checkDocument(schema *ast.Schema, text string) error {
	document, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return err
	}
	if len(document.Operations) == 0 {
		return errors.New("it has no operation")
	}
	if errs := validator.ValidateWithRules(schema, document, nil); len(errs) > 0 {
		return errs
	}
	return nil
}

// find returns the document that is asked for by id or, without one, by its text. A
// text that comes beside an id must be that document's.
func (d *TrustedDocuments) find(id, text string) (string, bool) {
	byText, fits := d.byID[hashOf(text)]
	if id == "" {
		return byText, fits
	}
	known, ok := d.byID[id]
	if !ok {
		known, ok = d.byID[strings.ToLower(id)]
	}
	return known, ok && (text == "" || fits && byText == known)
}
