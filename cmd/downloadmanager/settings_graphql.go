package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/clarion-app/download-manager/graph"
)

// graphqlSettings say what a client of the GraphQL door may ask for. Their defaults are
// those of graph.DefaultLimits; a test holds them to that.
type graphqlSettings struct {
	GraphQLComplexity           int      `name:"graphql-complexity" default:"30000" placeholder:"N" help:"Most fields that a GraphQL operation may ask for, each counted as often as the lists around it are long."`
	GraphQLDepth                int      `name:"graphql-depth" default:"15" placeholder:"N" help:"How deep its fields may be nested."`
	GraphQLAliases              int      `name:"graphql-aliases" default:"50" placeholder:"N" help:"How many of its fields may be renamed."`
	GraphQLRootFields           int      `name:"graphql-root-fields" default:"20" placeholder:"N" help:"How many fields it may ask of Query or Mutation."`
	GraphQLTokens               int      `name:"graphql-tokens" default:"5000" placeholder:"N" help:"How many words and signs its document may have."`
	GraphQLBody                 byteSize `name:"graphql-body" default:"1M" placeholder:"BYTES" help:"Longest GraphQL request, and message on a websocket, such as 500K or 1M."`
	GraphQLOperationsPerSocket  int      `name:"graphql-operations-per-socket" default:"100" placeholder:"N" help:"How many operations may be under way on one websocket."`
	GraphQLSubscriptionsPerUser int      `name:"graphql-subscriptions-per-user" default:"200" placeholder:"N" help:"How many subscriptions one user may have under way in one process, over all websockets and event streams."`
	GraphQLTimeout              duration `name:"graphql-timeout" default:"30s" help:"How long a query or mutation may take, and each answer of a subscription."`

	GraphQLTrustedDocuments string `name:"graphql-trusted-documents" placeholder:"PATH" help:"The only GraphQL documents that may be run: a JSON file of hashes or ids to documents, or a folder of .graphql files; any document unless set."`
}

// Bounds of the bounds: what is less lets nothing through, and what is more is none.
const (
	mostOfANumber = 1_000_000
	leastBody     = 1 << 10
	mostBody      = 1 << 30
	leastTimeout  = 100 * time.Millisecond
	mostTimeout   = time.Hour
)

func (s *graphqlSettings) validate() error {
	var errs []error
	for flag, value := range map[string]int{
		"graphql-complexity":             s.GraphQLComplexity,
		"graphql-depth":                  s.GraphQLDepth,
		"graphql-aliases":                s.GraphQLAliases,
		"graphql-root-fields":            s.GraphQLRootFields,
		"graphql-tokens":                 s.GraphQLTokens,
		"graphql-operations-per-socket":  s.GraphQLOperationsPerSocket,
		"graphql-subscriptions-per-user": s.GraphQLSubscriptionsPerUser,
	} {
		if value < 1 || value > mostOfANumber {
			errs = append(errs, wrong(flag, "must be from 1 to %d", mostOfANumber))
		}
	}
	if s.GraphQLBody < leastBody || s.GraphQLBody > mostBody {
		errs = append(errs, wrong("graphql-body", "must be from 1K to 1G"))
	}
	if s.GraphQLTimeout.time() < leastTimeout || s.GraphQLTimeout.time() > mostTimeout {
		errs = append(errs, wrong("graphql-timeout", "must be from %s to %s", leastTimeout, mostTimeout))
	}
	return errors.Join(errs...)
}

func (s *graphqlSettings) limits() graph.Limits {
	limits := graph.DefaultLimits()
	limits.Complexity = s.GraphQLComplexity
	limits.Depth = s.GraphQLDepth
	limits.Aliases = s.GraphQLAliases
	limits.RootFields = s.GraphQLRootFields
	limits.Tokens = s.GraphQLTokens
	limits.BodyBytes = int64(s.GraphQLBody)
	limits.OperationsPerSocket = s.GraphQLOperationsPerSocket
	limits.SubscriptionsPerUser = s.GraphQLSubscriptionsPerUser
	limits.Timeout = s.GraphQLTimeout.time()
	return limits
}

// trusted reads the documents; nil where any may be run.
func (s *graphqlSettings) trusted() (*graph.TrustedDocuments, error) {
	if s.GraphQLTrustedDocuments == "" {
		return nil, nil //nolint:nilnil // none is what there is
	}
	documents, err := graph.ReadTrustedDocuments(s.GraphQLTrustedDocuments)
	if err != nil {
		return nil, fmt.Errorf("DM_GRAPHQL_TRUSTED_DOCUMENTS: %w", err)
	}
	return documents, nil
}
