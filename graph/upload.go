package graph

import (
	"strconv"
	"strings"

	"github.com/clarion-app/download-manager/graph/scalar"
)

// upload is a file of a form and the variable that it belongs to.
type upload struct {
	scalar.File

	// path leads through the variables, such as input, torrents, 0, file.
	path []string
}

// newUpload reads a place as the form's map has it: "variables.input.file".
func newUpload(place string) (file *upload, known bool) {
	path := strings.Split(place, ".")
	if len(path) < 2 || path[0] != "variables" {
		return nil, false
	}
	return &upload{path: path[1:]}, true
}

// put sets the variable, or the part of one, and reports whether it is there and was
// null.
func (u *upload) put(variables map[string]any) bool {
	place := any(variables)
	for _, step := range u.path[:len(u.path)-1] {
		place, _ = part(place, step)
	}
	last := u.path[len(u.path)-1]
	if present, found := part(place, last); !found || present != nil {
		return false
	}
	switch inside := place.(type) {
	case map[string]any:
		inside[last] = &u.File
	case []any:
		index, _ := strconv.Atoi(last) // it is one
		inside[index] = &u.File
	}
	return true
}

// part returns what is in an object or a list under a name.
func part(of any, name string) (value any, found bool) {
	switch of := of.(type) {
	case map[string]any:
		value, found = of[name]
	case []any:
		if index, err := strconv.Atoi(name); err == nil && index >= 0 && index < len(of) {
			return of[index], true
		}
	}
	return value, found
}
