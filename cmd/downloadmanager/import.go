package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/clarion-app/download-manager/adapters/clarion"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

type importCommand struct {
	Clarion importClarionCommand `cmd:"" help:"Take servers and torrents over from the database of a Clarion host, of the same ids and times. It may be repeated."`
}

type importClarionCommand struct {
	storageSettings
	checkSettings

	From      string `required:"" secret:"" placeholder:"URL" help:"The Clarion database to import from: postgres://user:password@host/name, or mariadb://… alike, with ?socket=PATH for a Unix socket."`
	Timezone  string `novar:"" default:"UTC" placeholder:"ZONE" help:"The time zone of its times: Laravel's app.timezone."`
	KeepNodes bool   `novar:"" help:"Keep the nodes of servers and torrents; this node looks after all of them otherwise."`
	DryRun    bool   `novar:"" help:"Only say what would be taken over."`
}

// errRowsRefused is the end of an import that left rows out; what was printed tells
// which.
var errRowsRefused = errors.New("some rows could not be taken over; mend them and repeat this")

// Run takes over what is not here yet.
func (c *importClarionCommand) Run(s *session) (err error) {
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil {
		return usageError{wrong("timezone", "must be a name like Europe/Berlin")}
	}
	source, err := clarion.Open(s.ctx, c.From, zone)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	log := c.logger(s.stderr)
	db, err := c.openMigrated(s.ctx, nil, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	clients := newClients(c.storageSettings, c.checkSettings, log)
	defer func() { err = errors.Join(err, clients.Close()) }()

	node := c.LocalNode
	if c.KeepNodes {
		node = ""
	}
	process := app.ClarionImport{
		Source: source, Servers: db.Servers(), Torrents: db.Torrents(), Clients: clients, Node: node, Now: time.Now,
	}
	result, err := process.Run(s.ctx, domain.System(), c.DryRun)
	return errors.Join(err, printImport(s, result))
}

func printImport(s *session, result app.ImportedClarion) error {
	for _, row := range result.Refused {
		fmt.Fprintf(s.stderr, "%s %s: %s\n", row.Table, domain.CleanName(row.ID), domain.MessageOf(row.Err))
	}
	fmt.Fprintf(s.stdout, "servers: %d taken over, %d known already\n", result.Servers, result.KnownServers)
	fmt.Fprintf(s.stdout, "torrents: %d taken over (%d of them complete), %d known already\n", result.Torrents, result.Completed, result.KnownTorrents)
	if len(result.Refused) > 0 {
		return errRowsRefused
	}
	return nil
}
