package graph_test

import (
	"testing"

	"github.com/clarion-app/download-manager/graph"
)

func TestListsNobodyToldACostOf(t *testing.T) {
	t.Parallel()
	schema := plantedSchema(t, `
		type Query { film: Film, all: [Film!]!, names: [String!]!, page(first: Int, last: Int): FilmConnection!, usual(first: Int! = 30): FilmConnection! }
		type FilmConnection { nodes: [Film!]! edges: [FilmEdge!]! total: Int! }
		type FilmEdge { node: Film! }
		type Film { id: ID! name: String parts: [Film!]! }`)
	for document, want := range map[string]int{
		`{ film { id name } }`:        3,
		`{ names }`:                   1,
		`{ all { id } }`:              1 + 20,
		`{ all { id parts { id } } }`: 1 + 20*(1+1+20),
		`{ page { nodes { id } } }`:   1 + 50*2,
		`{ page(first: null, last: null) { nodes { id } } }`:   1 + 50*2,
		`{ page(first: 7) { nodes { id } } }`:                  1 + 7*2,
		`{ page(last: 7) { nodes { id } } }`:                   1 + 7*2,
		`{ page(first: 7) { edges { node { id } } total } }`:   1 + 7*4,
		`{ page(first: 0) { nodes { id } } }`:                  1 + 1*2,
		`{ page(first: 1000000) { nodes { id } } }`:            1 + 500*2,
		`{ usual { nodes { id } } }`:                           1 + 30*2,
		`query($n: Int) { page(first: $n) { nodes { id } } }`:  1 + 9*2,
		`query($n: Int) { page(last: $n) { nodes { id } } }`:   1 + 9*2,
		`query($o: Int) { page(first: $o) { nodes { id } } }`:  1 + 50*2,
		`query($h: Int) { page(first: $h) { nodes { id } } }`:  1 + 500*2,
		`{ ...f ...f } fragment f on Query { all { id } }`:     2 * (1 + 20),
		`{ ... on Query { page(first: 2) { nodes { id } } } }`: 1 + 2*2,
	} {
		t.Run(document, func(t *testing.T) {
			t.Parallel()
			got, introspection, err := graph.Costs(schema, document, vars{"n": int64(9), "h": "99999999999999999999"})
			if err != nil || got != want || introspection != 0 {
				t.Errorf("costs %d and %d, %v; want %d", got, introspection, err, want)
			}
		})
	}
	t.Run("the schema itself is paid from another budget", func(t *testing.T) {
		t.Parallel()
		got, asked, err := graph.Costs(schema, `{ film { id } __schema { types { name } } }`, nil)
		if most := 1 + 1 + 2*len(schema.Types); err != nil || got != 3 || asked <= len(schema.Types) || asked > most {
			t.Errorf("costs %d and %d, %v", got, asked, err)
		}
	})
	t.Run("what common tools ask is less than half of what may be asked", func(t *testing.T) {
		t.Parallel()
		ours := loadSchema(t)
		_, asked, err := graph.Costs(ours, introspection, nil)
		if each := asked / len(ours.Types); err != nil || each > 700 || each < 200 {
			t.Errorf("costs %d for each type, %v", each, err)
		}
	})
}
