// Package app is what the product does: one type for each noun (Torrents,
// Servers, Checks, Events, Users) and one file for each verb, so that the list of
// files is the list of features. The doors (REST, GraphQL, scheduler, command
// line) call it directly; what it needs from the world comes in through ports.
//
// The types are plain structs whose exported fields are their dependencies; all
// of them must be set unless a comment says otherwise. The acting user is a
// parameter of every use case.
package app
