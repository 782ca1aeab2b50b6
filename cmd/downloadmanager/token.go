package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

type tokenCommand struct {
	Add    tokenAddCommand    `cmd:"" help:"Make a token for a user and print its secret, this once."`
	List   tokenListCommand   `cmd:"" help:"List the tokens, without their secrets."`
	Revoke tokenRevokeCommand `cmd:"" help:"End a token."`
}

type tokenAddCommand struct {
	storageSettings
	Name    string   `arg:"" help:"What the token is called."`
	User    string   `novar:"" required:"" placeholder:"NAME" help:"Whom it lets in."`
	Expires duration `novar:"" placeholder:"TIME" help:"When it ends, from now, such as 90d; never unless set."`
}

// Run makes a token. The secret alone is on the standard output, so that a script
// can keep it.
func (c *tokenAddCommand) Run(s *session) error {
	return c.withUsers(s, func(users *app.Users) error {
		user, err := users.GetByName(s.ctx, domain.System(), c.User)
		if err != nil {
			return err
		}
		var expires *time.Time
		if c.Expires > 0 {
			at := time.Now().Add(c.Expires.time())
			expires = &at
		}
		token, secret, err := users.AddToken(s.ctx, domain.System(), user.ID, c.Name, expires)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.stderr, "token %s of %q, shown this once:\n", token.ID, user.Name)
		_, err = fmt.Fprintln(s.stdout, secret)
		return err
	})
}

type tokenListCommand struct {
	storageSettings
	User string `novar:"" placeholder:"NAME" help:"Only this user's."`
}

// Run lists tokens.
func (c *tokenListCommand) Run(s *session) error {
	return c.withUsers(s, func(users *app.Users) error {
		var owner *uuid.UUID
		if c.User != "" {
			user, err := users.GetByName(s.ctx, domain.System(), c.User)
			if err != nil {
				return err
			}
			owner = &user.ID
		}
		tokens, err := users.FindTokens(s.ctx, domain.System(), owner)
		if err != nil {
			return err
		}
		names, err := userNames(s, users)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "NAME\tUSER\tCREATED\tEXPIRES\tREVOKED\tID")
		for _, t := range tokens {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n",
				t.Name, names[t.UserID], moment(&t.CreatedAt), moment(t.ExpiresAt), moment(t.RevokedAt), t.ID)
		}
		return table.Flush()
	})
}

func userNames(s *session, users *app.Users) (map[uuid.UUID]string, error) {
	all, err := users.Find(s.ctx, domain.System())
	names := make(map[uuid.UUID]string, len(all))
	for _, u := range all {
		names[u.ID] = u.Name
	}
	return names, err
}

type tokenRevokeCommand struct {
	storageSettings
	ID string `arg:"" help:"The token's id, as token list shows it."`
}

// Run ends a token.
func (c *tokenRevokeCommand) Run(s *session) error {
	id, err := uuid.Parse(c.ID)
	if err != nil {
		return domain.Invalid("id", "must be the id of a token, as token list shows it")
	}
	return c.withUsers(s, func(users *app.Users) error {
		token, err := users.RevokeToken(s.ctx, domain.System(), id)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.stdout, "revoked %q\n", token.Name)
		return err
	})
}
