package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

type userCommand struct {
	Add      userAddCommand      `cmd:"" help:"Add a user. Without a password, only tokens let them in."`
	List     userListCommand     `cmd:"" help:"List the users."`
	Password userPasswordCommand `cmd:"" help:"Set a user's password, read from the standard input."`
}

type userAddCommand struct {
	storageSettings
	Name string `arg:"" help:"What the user is called."`
	Role role   `novar:"" default:"member" help:"administrator or member; a member sees only their own torrents."`
}

// Run adds a user.
func (c *userAddCommand) Run(s *session) error {
	return c.withUsers(s, func(users *app.Users) error {
		user, err := users.Add(s.ctx, domain.System(), c.Name, domain.Role(c.Role), "")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.stdout, "added %s %q\n", strings.ToLower(string(user.Role)), user.Name)
		return err
	})
}

type userListCommand struct{ storageSettings }

// Run lists the users.
func (c *userListCommand) Run(s *session) error {
	return c.withUsers(s, func(users *app.Users) error {
		all, err := users.Find(s.ctx, domain.System())
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "NAME\tROLE\tPASSWORD\tCREATED\tID")
		for _, u := range all {
			password := "no"
			if u.PasswordHash != "" {
				password = "yes"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", u.Name, strings.ToLower(string(u.Role)), password, moment(&u.CreatedAt), u.ID)
		}
		return table.Flush()
	})
}

type userPasswordCommand struct {
	storageSettings
	Name string `arg:"" help:"Whose password."`
}

// Run sets a password.
func (c *userPasswordCommand) Run(s *session) error {
	return c.withUsers(s, func(users *app.Users) error {
		user, err := users.GetByName(s.ctx, domain.System(), c.Name)
		if err != nil {
			return err
		}
		password, err := askPassword(s)
		if err != nil {
			return err
		}
		if err := users.SetPassword(s.ctx, domain.System(), user.ID, password); err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.stdout, "changed the password of %q\n", user.Name)
		return err
	})
}
