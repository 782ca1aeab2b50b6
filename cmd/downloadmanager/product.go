package main

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/adapters/torrentclients"
	"github.com/clarion-app/download-manager/adapters/torrentclients/embedded"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/ports"
)

// product is what stands behind the doors: the use cases, wired to the adapters
// that they need.
type product struct {
	torrents *app.Torrents
	servers  *app.Servers
	users    *app.Users
	events   *app.Events
	progress *app.Progress
	checks   *app.Checks

	consumers    *app.Consumers
	insight      *app.ServerInsight
	details      *app.TorrentDetails
	progressFeed *app.ProgressFeed
	serverFeed   *app.ServerFeed
}

const (
	// eventPoll is how often subscriptions read the log without a hint.
	eventPoll = 2 * time.Second
	// progressPatience is how long a server may take to tell of its progress.
	progressPatience = 2 * time.Second
	// progressWindow is how long what it tells is good for others who look.
	progressWindow = time.Second
)

func newProduct(db *database.DB, clients ports.TorrentClients, signal ports.EventSignal, settings checkSettings, log *slog.Logger) *product {
	checks := &app.Checks{
		Torrents: db.Torrents(), Metainfos: db.Metainfos(), Removals: db.Removals(), Leases: db.ServerLeases(), Servers: db.Servers(), Clients: clients,
		Loads: db.ServerLoads(), Placement: settings.placement(), Failover: settings.Failover.time(),
		Node: settings.LocalNode, Owner: processName(),
		Interval: settings.CheckInterval.time(), LeaseFor: settings.Lease.time(),
		Now: time.Now, Log: log,
	}
	progress := &app.Progress{
		Node: settings.LocalNode, Servers: db.Servers(), Clients: clients, Log: log,
		Patience: progressPatience, Window: progressWindow,
	}
	return &product{
		torrents: &app.Torrents{
			Repository: db.Torrents(), Counts: db.TorrentCounts(), ServerTorrents: db.ServerTorrents(), Keys: db.IdempotencyKeys(),
			Servers: db.Servers(), Loads: db.ServerLoads(), Placement: settings.placement(), Capabilities: clients.Capabilities,
			Node: settings.LocalNode, Nudge: checks.Nudge, Now: time.Now,
		},
		servers: &app.Servers{
			Repository: db.Servers(), Torrents: db.Torrents(), Clients: clients,
			Node: settings.LocalNode, Nudge: checks.Nudge, Now: time.Now,
		},
		users:    usersOf(db),
		events:   &app.Events{EventLog: db.EventLog(), Signal: signal, Log: log, Poll: eventPoll},
		progress: progress,
		checks:   checks,
		details:  &app.TorrentDetails{Progress: progress},
		insight:  &app.ServerInsight{Progress: progress, Torrents: db.Torrents()},
		progressFeed: &app.ProgressFeed{
			Progress: progress, Torrents: db.Torrents(), EventLog: db.EventLog(), Signal: signal, Log: log, Poll: eventPoll,
		},
		consumers:  &app.Consumers{Repository: db.Consumers(), EventLog: db.EventLog(), Now: time.Now},
		serverFeed: &app.ServerFeed{Servers: db.Servers(), Signal: signal, Log: log, Poll: eventPoll},
	}
}

// processName tells this process from all others that may share the database:
// those of other machines, and earlier ones with the same process id.
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()[:8])
}

// newClients is the list of torrent clients.
func newClients(storage storageSettings, settings checkSettings, log *slog.Logger) *torrentclients.Clients {
	var config torrentclients.Config
	if settings.Embedded.On {
		engine := embedded.DefaultConfig(storage.DataDir)
		engine.PeerPort = int(settings.EmbeddedPeerPort)
		engine.BindAddress = settings.EmbeddedListenHost
		engine.DHT = settings.EmbeddedDHT.On
		engine.PEX = settings.EmbeddedPEX.On
		engine.UTP = settings.EmbeddedUTP.On
		engine.DownloadRate = int64(settings.EmbeddedDownloadRate)
		engine.UploadRate = int64(settings.EmbeddedUploadRate)
		engine.Logger = log
		config.Embedded = &engine
	}
	return torrentclients.New(config)
}
