package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/graph"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	repeat := func(n int, format string) string {
		var all strings.Builder
		for i := range n {
			fmt.Fprintf(&all, format, i)
		}
		return all.String()
	}
	bomb := "{ ...f0 } "
	for i := range 60 {
		bomb += fmt.Sprintf("fragment f%d on Query { ...f%d ...f%d } ", i, i+1, i+1)
	}
	bomb += "fragment f60 on Query { viewer { id } }"
	deep := "{ torrents { nodes { " + strings.Repeat("server { torrents { nodes { ", 5) + "id" + strings.Repeat(" } } }", 5) + " } } }"
	for name, query := range map[string]string{
		"too complex":                "{ torrentServers { torrents(first: 500) { nodes { id name status server { id } } } } }",
		"too deep":                   deep,
		"too many aliases":           "{ viewer { " + repeat(51, "a%d: id ") + "} }",
		"10,000 aliases":             "{ viewer { " + repeat(10_000, "a%d: id ") + "} }",
		"too many root fields":       "{ " + repeat(21, "a%d: viewer { id } ") + "}",
		"too many in a fragment":     "{ ...f } fragment f on Query { " + repeat(21, "a%d: viewer { id } ") + "}",
		"too many words":             "{ viewer { " + strings.Repeat("id ", 6000) + "} }",
		"exponentially many spreads": bomb,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := d.post(t, admin, query, nil)
			got.wantError(t, "INVALID", "")
			if got.status != http.StatusUnprocessableEntity {
				t.Errorf("HTTP %d", got.status)
			}
		})
	}
	t.Run("the longest page with every field passes", func(t *testing.T) {
		t.Parallel()
		d.ask(t, admin, `{ torrents(first: 500) { nodes `+strings.Replace(torrentFields, "server { id address }", `
		  server { id localNode address type onComplete health { reachable lastSeenAt problem { code message } } createdAt updatedAt }
		  progress { phase fractionDone metadataKnown bytesWanted bytesLeft downloadRate uploadRate eta peers ratio localError warning }`, 1)+
			` pageInfo { hasNextPage endCursor } } }`, nil)
	})
}

func TestIntrospection(t *testing.T) {
	t.Parallel()
	const query = `{ __schema { types { name } } }`
	closed, open := openDoor(t), openDoor(t, func(c *graph.Config) { c.Introspection = true })
	closed.post(t, alice, query, nil).wantError(t, "INVALID", "")
	closed.post(t, alice, `{ ...f } fragment f on Query { __type(name: "Torrent") { name } }`, nil).wantError(t, "INVALID", "")
	closed.ask(t, alice, `{ __typename }`, nil)
	closed.ask(t, admin, query, nil)
	open.ask(t, alice, query, nil)
}
