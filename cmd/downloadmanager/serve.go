package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/clarion-app/download-manager/adapters/auth"
	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/adapters/events"
	"github.com/clarion-app/download-manager/adapters/rest"
	"github.com/clarion-app/download-manager/adapters/scheduler"
	"github.com/clarion-app/download-manager/adapters/torrentclients/embedded"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
)

type serveCommand struct {
	storageSettings
	checkSettings
	doorSettings
	graphqlSettings
	fetchSettings
}

// firstFolder is the address of the server that the first start makes: a folder of
// the embedded client.
const firstFolder = "downloads"

// Run is the product, from start to end. Everything is started in the order in
// which one thing needs another, and stopped in the reverse, within StopTimeout.
func (c *serveCommand) Run(s *session) (err error) {
	log := c.logger(s.stderr)
	slog.SetDefault(log) // for libraries that know no other
	ctx := s.ctx

	documents, err := c.trusted()
	if err != nil {
		return err
	}

	// The address first: it is quick to fail, and callers wait from here on.
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()

	stopping := stopper{timeout: c.StopTimeout.time()}
	defer func() { err = errors.Join(err, stopping.stop()) }()

	// The bell that wakes subscriptions, and the database, which rings it when
	// events were appended; replicas on one database ring for one another.
	bell := events.NewBell()
	ring := bell.Ring
	if c.postgres() {
		replicas, err := events.ListenPostgres(ctx, c.dsn(), bell, log)
		if err != nil {
			return fmt.Errorf("listening to other replicas: %w", err)
		}
		stopping.later("listening to other replicas", func(context.Context) error { return replicas.Close() })
		ring = replicas.Ring
	}
	db, err := c.openMigrated(ctx, ring, log)
	if err != nil {
		return err
	}
	stopping.later("database", func(context.Context) error { return db.Close() })

	// Torrent clients, and the use cases between them and the database.
	clients := newClients(c.storageSettings, c.checkSettings, log)
	stopping.later("torrent clients", func(context.Context) error { return clients.Close() })
	product := newProduct(db, clients, bell, c.checkSettings, log)
	product.torrents.Fetcher = c.fetcher()
	if err := c.prepare(ctx, product, log); err != nil {
		return err
	}

	// Who may come in; keys that are fetched, are fetched until the end.
	keys, endKeys := context.WithCancel(context.WithoutCancel(ctx))
	defer endKeys()
	authenticator, err := c.authenticator(keys, product, log)
	if err != nil {
		return err
	}

	// What happens by itself.
	ticks := scheduler.New(product.checks, product.events, scheduler.Config{
		Interval: c.CheckInterval.time(), KeepEvents: c.KeepEvents.time(), Log: log,
	})
	if err := ticks.Start(); err != nil {
		return err
	}
	stopping.later("checks", ticks.Stop)

	// The doors.
	doors := newDoors(c.mux(product, db, authenticator, documents, log), log)
	failed := doors.serve(listener)
	stopping.later("HTTP", doors.stop)

	log.InfoContext(ctx, "listening", "addr", listener.Addr().String(), "url", "http://"+listener.Addr().String(),
		"version", versionText())
	select {
	case <-ctx.Done():
		log.InfoContext(ctx, "stopping")
		return nil
	case err := <-failed:
		return err
	}
}

// prepare makes what an installation needs to be of use: a first server, and
// somebody who may come in.
func (c *serveCommand) prepare(ctx context.Context, product *product, log *slog.Logger) error {
	if c.Embedded.On {
		if err := product.servers.RegisterFirst(ctx, embedded.Type, firstFolder); err != nil {
			return fmt.Errorf("making the first torrent server: %w", err)
		}
	}
	if c.AdminToken != "" {
		if err := product.users.EnsureAdministrator(ctx, c.AdminToken); err != nil {
			return fmt.Errorf("DM_ADMIN_TOKEN: %w", err)
		}
	}
	none, err := product.users.None(ctx)
	if err != nil {
		return err
	}
	if none && !c.jwt() {
		self := os.Args[0] // so that the hint can be pasted
		log.WarnContext(ctx, "nobody can come in yet; to make an administrator and a token, run: "+
			self+" user add admin --role administrator && "+self+" token add first --user admin"+
			" (with the same settings), or set DM_ADMIN_TOKEN")
	}
	return nil
}

// jwt reports whether users of a Clarion host may come in.
func (c *serveCommand) jwt() bool { return c.JWTPublicKeyFile != "" || c.JWTJWKSURL != "" }

func (c *serveCommand) authenticator(ctx context.Context, product *product, log *slog.Logger) (*auth.Authenticator, error) {
	config := auth.Config{Users: product.users, AllowedOrigins: c.AllowedOrigins}
	if c.jwt() {
		config.JWT = &auth.JWT{
			JWKSURL: c.JWTJWKSURL, Issuer: c.JWTIssuer, Audience: c.JWTAudience, Role: domain.Role(c.JWTRole),
			Warn: func(err error) { log.WarnContext(ctx, "fetching the keys of JSON Web Tokens", "error", err) },
		}
	}
	if c.JWTPublicKeyFile != "" {
		content, err := os.ReadFile(c.JWTPublicKeyFile)
		if err != nil {
			return nil, fmt.Errorf("DM_JWT_PUBLIC_KEY_FILE: %w", err)
		}
		config.JWT.PublicKeyPEM = content
	}
	return auth.New(ctx, config)
}

// mux is all that answers HTTP.
func (c *serveCommand) mux(product *product, db *database.DB, authenticator *auth.Authenticator, documents *graph.TrustedDocuments, log *slog.Logger) http.Handler {
	health := &health{database: db, servers: product.servers}
	restDoor := rest.New(rest.Config{
		Torrents: product.torrents, Servers: product.servers, Users: product.users, Prefixes: c.RoutePrefix,
		Events: product.events, Consumers: product.consumers,
		Authenticate: authenticator.Authenticate, Log: log, Version: versionText(), AllowedOrigins: c.AllowedOrigins,
	})
	graphDoor := graph.NewHandler(graph.Config{
		Torrents: product.torrents, Servers: product.servers, Users: product.users,
		Events: product.events, Consumers: product.consumers, Checks: product.checks, Progress: product.progress,
		Insight: product.insight, Details: product.details, ProgressFeed: product.progressFeed, ServerFeed: product.serverFeed,
		Authenticate: authenticator.Authenticate, AuthenticateToken: authenticator.AuthenticateToken,
		AllowedOrigins: c.AllowedOrigins, Introspection: c.GraphQLIntrospection.On, Log: log, Outlive: outlive,
		Limits: c.limits(), Trusted: documents,
	})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz/liveness", health.liveness)
	mux.HandleFunc("GET /healthz/readiness", health.readiness)
	mux.Handle("/graphql", graphDoor)
	mux.Handle("/", restDoor) // which answers what nobody knows, too
	return authenticator.Protect(mux)
}

// stopper stops what was started, last things first, all within one time limit.
type stopper struct {
	timeout time.Duration
	steps   []func(context.Context) error
}

func (s *stopper) later(what string, stop func(context.Context) error) {
	s.steps = append(s.steps, func(ctx context.Context) error {
		if err := stop(ctx); err != nil {
			return fmt.Errorf("stopping %s: %w", what, err)
		}
		return nil
	})
}

func (s *stopper) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), s.timeout)
	defer cancel()
	var errs []error
	for i := len(s.steps) - 1; i >= 0; i-- {
		errs = append(errs, s.steps[i](ctx))
	}
	return errors.Join(errs...)
}
