package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/clarion-app/download-manager/adapters/events"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

type checkCommand struct {
	storageSettings
	checkSettings
}

// errCheckFailed is the end of a check that some server failed; the table has
// told which.
var errCheckFailed = errors.New("a server could not be checked")

// Run checks every server of this node and prints what was done. Servers that
// another process is looking after (serve, most likely) are no failure.
func (c *checkCommand) Run(s *session) (err error) {
	log := c.logger(s.stderr)
	db, err := c.openMigrated(s.ctx, nil, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	clients := newClients(c.storageSettings, c.checkSettings, log)
	defer func() { err = errors.Join(err, clients.Close()) }()

	product := newProduct(db, clients, events.NewBell(), c.checkSettings, log)
	results, err := product.checks.CheckAll(s.ctx, domain.System())
	if err != nil {
		return err
	}
	if err := printChecks(s, results); err != nil {
		return err
	}
	for _, result := range results {
		if result.Err != nil {
			return errCheckFailed
		}
	}
	return s.ctx.Err()
}

func printChecks(s *session, results []app.ServerCheck) error {
	if len(results) == 0 {
		_, err := fmt.Fprintln(s.stdout, "no torrent servers to check")
		return err
	}
	table := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVER\tTYPE\tOPEN\tHANDED OVER\tREFUSED\tCOMPLETED\tREMOVED\tTOOK\tRESULT")
	for _, r := range results {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n",
			r.Server.Address, r.Server.Type, r.Open, r.HandedOver, r.Refused, r.Completed, r.Removed,
			r.Took.Round(time.Millisecond), outcome(r))
	}
	return table.Flush()
}

func outcome(r app.ServerCheck) string {
	switch {
	case r.Err != nil && r.FailedOver > 0:
		return fmt.Sprintf("failed, and %d that waited went to other servers: %s", r.FailedOver, domain.CleanText(r.Err.Error()))
	case r.Err != nil:
		return "failed: " + domain.CleanText(r.Err.Error())
	case r.Skipped:
		return "skipped: another process looks after it"
	case r.Stuck > 0:
		return fmt.Sprintf("%d removals wait: the client cannot carry them out", r.Stuck)
	case r.More:
		return "ok; more waits to be handed over by the next check"
	}
	return "ok"
}
