package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/clarion-app/download-manager/adapters/database"
)

type migrateCommand struct {
	Up     migrateUpCommand     `cmd:"" help:"Apply all migrations that are not applied yet."`
	Down   migrateDownCommand   `cmd:"" help:"Take back the last group of migrations, and with them what was stored there."`
	Status migrateStatusCommand `cmd:"" help:"List the migrations and when they were applied."`
}

type migrateUpCommand struct{ storageSettings }

// Run brings the tables up to date.
func (c *migrateUpCommand) Run(s *session) error {
	return c.withDatabase(s, func(db *database.DB) error { return printChange(s, db, db.MigrateUp) })
}

type migrateDownCommand struct{ storageSettings }

// Run takes the last group of migrations back.
func (c *migrateDownCommand) Run(s *session) error {
	return c.withDatabase(s, func(db *database.DB) error { return printChange(s, db, db.MigrateDown) })
}

// printChange migrates and prints what that changed.
func printChange(s *session, db *database.DB, migrate func(context.Context) error) error {
	before, err := db.MigrationStatus(s.ctx)
	if err != nil {
		return err
	}
	if err := migrate(s.ctx); err != nil {
		return err
	}
	after, err := db.MigrationStatus(s.ctx)
	if err != nil {
		return err
	}
	changed := false
	for i, m := range after {
		switch was := before[i].AppliedAt != nil; {
		case was && m.AppliedAt == nil:
			fmt.Fprintln(s.stdout, "took back", m.Name)
		case !was && m.AppliedAt != nil:
			fmt.Fprintln(s.stdout, "applied", m.Name)
		default:
			continue
		}
		changed = true
	}
	if !changed {
		fmt.Fprintln(s.stdout, "nothing to do")
	}
	return nil
}

type migrateStatusCommand struct{ storageSettings }

// Run lists the migrations.
func (c *migrateStatusCommand) Run(s *session) error {
	return c.withDatabase(s, func(db *database.DB) error {
		migrations, err := db.MigrationStatus(s.ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "MIGRATION\tAPPLIED")
		for _, m := range migrations {
			fmt.Fprintf(table, "%s\t%s\n", m.Name, moment(m.AppliedAt))
		}
		return table.Flush()
	})
}
