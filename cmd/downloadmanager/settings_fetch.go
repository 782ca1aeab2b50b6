package main

import "github.com/clarion-app/download-manager/adapters/fetch"

// fetchSettings say what may be reached for a torrent that is given by its URL.
type fetchSettings struct {
	FetchPrivate onOff `default:"off" placeholder:"off" help:"on or off: whether a .torrent file's URL may lead to private networks and to this machine; every user could then reach what this process can."`
}

func (s *fetchSettings) fetcher() *fetch.Fetcher {
	return fetch.New(fetch.Config{Private: s.FetchPrivate.On, Version: versionText()})
}
