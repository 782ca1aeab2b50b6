package graph

import "net/http"

// NewPlainHandler is NewHandler with every list written by the executor.
func NewPlainHandler(config Config) http.Handler {
	h := NewHandler(config).(*handler)
	*h.lists = listWriter{}
	return h
}

// WrittenFields are the fields that the tables of lists know, by type.
func WrittenFields() map[string][]string {
	known := map[string][]string{}
	add := func(typeName string, fields []string) { known[typeName] = fields }
	w := newListWriter(&Resolver{})
	add(w.torrents.Knows())
	add(w.edges.Knows())
	add(serverFields().Knows())
	add(problemFields().Knows())
	add(userFields().Knows())
	add(progressFields().Knows())
	return known
}
