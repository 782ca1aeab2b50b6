// Package ports holds what the use cases need from the world: the driven
// interfaces, one file per need, without logic. (The doors that drive the
// product, REST and GraphQL and the scheduler, call package app directly.)
//
// Every interface is a contract told in its comments and held by the suite of
// the same name in ports/portstest, which each adapter runs.
//
// For all of them: methods are safe for concurrent use; they obey ctx; errors are
// *domain.Error where a user can do something about them, and anything else is
// internal.
package ports
