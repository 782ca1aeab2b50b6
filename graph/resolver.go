package graph

import "github.com/clarion-app/download-manager/app"

// Resolver answers the fields of the schema by calling the use cases. The files
// *.resolvers.go hold its methods, one file for each file of the schema.
type Resolver struct {
	Torrents *app.Torrents
	Servers  *app.Servers
	Checks   *app.Checks
	Events   *app.Events
	Users    *app.Users
	Progress *app.Progress

	Consumers    *app.Consumers
	Insight      *app.ServerInsight
	Details      *app.TorrentDetails
	ProgressFeed *app.ProgressFeed
	ServerFeed   *app.ServerFeed

	presenter presenter
	gathering gathering
}
