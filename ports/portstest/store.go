// Package portstest holds one contract suite for each port, under the port's
// name: every adapter of a port runs it, the one in memory as well as the
// database. Each subtest's name is a fact that the port's comments promise.
package portstest

import (
	"maps"
	"slices"
	"testing"

	"github.com/clarion-app/download-manager/ports"
)

// Store is all repositories of one storage: what one writes, the others read.
type Store struct {
	Torrents       ports.TorrentRepository
	TorrentCounts  ports.TorrentCounts
	ServerTorrents ports.ServerTorrents
	Keys           ports.IdempotencyKeys
	Metainfos      ports.MetainfoRepository
	Removals       ports.RemovalRepository
	Servers        ports.ServerRepository
	ServerLoads    ports.ServerLoads
	ServerLeases   ports.ServerLeases
	EventLog       ports.EventLog
	Users          ports.UserRepository
	Tokens         ports.TokenRepository
	Consumers      ports.ConsumerRepository
}

// facts are what a suite proves, each by its name.
type facts map[string]func(t *testing.T, store Store)

// prove runs every fact on a fresh store of its own, side by side.
func (f facts) prove(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(f)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f[name](t, open(t))
		})
	}
}
