package graph_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
	"github.com/clarion-app/download-manager/ports"
)

// bound is an operation that is refused, whichever way it comes in.
type bound struct {
	limits func(*graph.Config)
	token  string // admin where empty
	params vars
	code   string
	field  string
	status int
}

func asking(query string) vars { return vars{"query": query} }

func lots(n int, format string) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, format, i)
	}
	return all.String()
}

var bounds = map[string]bound{
	"complexity": {
		params: asking(`{ torrentServers { torrents(first: 500) { nodes { id name status server { id } } } } }`), code: "INVALID", status: 422,
	},
	"complexity of pages whose length is a variable": {
		params: vars{
			"query":     `query($n: Int!) { torrentServers { torrents(first: $n) { nodes { id name status server { id } } } } }`,
			"variables": vars{"n": 500},
		}, code: "INVALID", status: 422,
	},
	"complexity of pages of the usual length": {
		limits: func(c *graph.Config) { c.Limits.Complexity = 1000 },
		params: asking(`{ torrentServers { torrents { nodes { id } } } }`), code: "INVALID", status: 422,
	},
	"complexity of a list without pages": {
		limits: func(c *graph.Config) { c.Limits.Complexity = 50 },
		params: asking(`{ torrentServers { id address type } }`), code: "INVALID", status: 422,
	},
	"complexity in fragments": {
		limits: func(c *graph.Config) { c.Limits.Complexity = 1000 },
		params: asking(`{ ...f } fragment f on Query { torrents(first: 500) { ...g } } fragment g on TorrentConnection { nodes { id name } }`),
		code:   "INVALID", status: 422,
	},
	"depth": {
		params: asking("{ torrents(first: 1) { nodes { " + strings.Repeat("server { torrents(first: 1) { nodes { ", 5) + "id" + strings.Repeat(" } } }", 5) + " } } }"),
		code:   "INVALID", status: 422,
	},
	"aliases":     {params: asking("{ viewer { " + lots(51, "a%d: id ") + "} }"), code: "INVALID", status: 422},
	"root fields": {params: asking("{ " + lots(21, "a%d: viewer { id } ") + "}"), code: "INVALID", status: 422},
	"tokens":      {params: asking("{ viewer { " + strings.Repeat("id ", 6000) + "} }"), code: "INVALID", status: 422},
	"aliases of the schema's own fields": {
		params: asking("{ __schema { " + lots(51, "a%d: queryType { name } ") + "} }"), code: "INVALID", status: 422,
	},
	"more of the schema than any tool needs": {
		params: asking("{ __schema { types { fields { type { fields { " + lots(45, "a%d: type { name kind description } ") + "} } } } } }"),
		code:   "INVALID", status: 422,
	},
	"introspection by a member": {token: alice, params: asking("{ __schema { types { name } } }"), code: "INVALID", status: 422},
	"no GraphQL":                {params: asking("{"), code: "INVALID", status: 422},
	"no query":                  {params: vars{}, code: "INVALID", status: 422},
	"an unknown field":          {params: asking("{ vewer { id } }"), code: "INVALID", status: 422},
	"a circular fragment":       {params: asking("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"), code: "INVALID", status: 422},
	"an unknown operation": {
		params: vars{"query": "query a { viewer { id } }", "operationName": "b"}, code: "INVALID", status: 422,
	},
	"a variable of the wrong type": {
		params: vars{"query": `query($b: Boolean) { torrents(filter: {hasProblem: $b}) { nodes { id } } }`, "variables": vars{"b": 1}},
		code:   "INVALID", field: "b", status: 422,
	},
	"execution time": {
		limits: func(c *graph.Config) {
			c.Torrents.Repository, c.Limits.Timeout = slowTorrents{c.Torrents.Repository}, 20*time.Millisecond
		},
		params: asking(anyTorrent), code: "UNAVAILABLE", status: 503,
	},
	"a document that is not trusted": {
		limits: func(c *graph.Config) { c.Trusted = &graph.TrustedDocuments{} },
		params: asking("{ viewer { id } }"), code: "FORBIDDEN", status: 403,
	},
	"a hash that nobody has sent the text of": {
		params: vars{"extensions": persistedQuery(strings.Repeat("0", 64))}, code: "NOT_FOUND", status: 200,
	},
	"a hash of another text": {
		params: vars{"query": "{ viewer { id } }", "extensions": persistedQuery(strings.Repeat("0", 64))},
		code:   "INVALID", field: "extensions", status: 422,
	},
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for name, bound := range bounds {
		var options []func(*graph.Config)
		if bound.limits != nil {
			options = append(options, bound.limits)
		}
		for _, way := range ways {
			t.Run(name+", by "+way.name, func(t *testing.T) {
				t.Parallel()
				d := openDoor(t, options...)
				token := bound.token
				if token == "" {
					token = admin
				}
				got := way.send(t, d, token, bound.params)
				got.wantError(t, bound.code, bound.field)
				want := bound.status
				switch {
				case way.name == "websocket":
					want = 0
				case way.name == "SSE" && want == http.StatusServiceUnavailable:
					want = http.StatusOK // the stream has begun
				}
				if got.status != want {
					t.Errorf("HTTP %d, want %d", got.status, want)
				}
				if strings.Contains(d.log.String(), "level=ERROR") {
					t.Errorf("logged as ours: %s", d.log)
				}
			})
		}
	}
}

func TestWithinTheBoundsAllWaysAnswer(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			got := way.ask(t, d, alice, `query($yes: Boolean!) { viewer { name @include(if: $yes) } }`, vars{"yes": true})
			if len(got.Errors) > 0 {
				t.Fatalf("errors %+v", got.Errors)
			}
			wantJSON(t, got.Data, `{"viewer":{"name":"alice"}}`)
			if got := way.ask(t, d, admin, introspection, nil); len(got.Errors) > 0 {
				t.Errorf("what common tools ask of the schema: %+v", got.Errors)
			}
		})
	}
}

// slowTorrents takes for Get as long as it is given.
type slowTorrents struct{ ports.TorrentRepository }

func (slowTorrents) Get(ctx context.Context, _ uuid.UUID) (*domain.Torrent, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func persistedQuery(hash string) vars {
	return vars{"persistedQuery": vars{"version": 1, "sha256Hash": hash}}
}

// introspection is what GraphiQL and code generators ask.
const introspection = `query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind }
  subscriptionType { name kind } types { ...FullType }
  directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
fragment FullType on __Type { kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`
