// Package graph is the GraphQL door: it turns queries, mutations and subscriptions
// into calls of package app, and what comes back into answers.
//
// The schema (schema/*.graphqls) comes first and is the public documentation. It is
// bound straight onto the types of domain and app by gqlgen.yml, so that a resolver
// is a line or three: who acts, which use case, which payload. Package generated
// holds what gqlgen writes; nobody edits it.
package graph

//go:generate go tool gqlgen generate
