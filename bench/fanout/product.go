package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/auth"
	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/adapters/events"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
)

// product is the GraphQL door as it is shipped, on a database file.
type product struct {
	http.Handler

	db   *database.DB
	open []uuid.UUID // torrents that have yet to complete

	mu        sync.Mutex
	committed time.Time
}

// openProduct opens a database that has torrents, and lets the bearer of token in.
func openProduct(ctx context.Context, file, token string) (*product, error) {
	p := &product{}
	bell := events.NewBell()
	db, err := database.Open(ctx, file, database.Options{OnAppend: func() {
		p.mu.Lock()
		p.committed = time.Now()
		p.mu.Unlock()
		bell.Ring()
	}})
	if err != nil {
		return nil, err
	}
	p.db = db
	torrents, err := db.Torrents().Find(ctx, domain.TorrentFilter{}, domain.TorrentPage{Limit: 100})
	if err != nil {
		return nil, err
	}
	for _, t := range torrents {
		if t.Open() {
			p.open = append(p.open, t.ID)
		}
	}
	users := &app.Users{Repository: db.Users(), Tokens: db.Tokens(), Now: time.Now}
	if err := users.EnsureAdministrator(ctx, token); err != nil {
		return nil, err
	}
	authenticator, err := auth.New(ctx, auth.Config{Users: users})
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	p.Handler = graph.NewHandler(graph.Config{
		Torrents:     &app.Torrents{Repository: db.Torrents(), Servers: db.Servers(), Loads: db.ServerLoads(), Now: time.Now},
		Servers:      &app.Servers{Repository: db.Servers(), Torrents: db.Torrents(), Now: time.Now},
		Users:        users,
		Events:       &app.Events{EventLog: db.EventLog(), Signal: bell, Log: log, Poll: 2 * time.Second},
		Authenticate: authenticator.Authenticate, AuthenticateToken: authenticator.AuthenticateToken, Log: log,
		Limits: graph.Limits{SubscriptionsPerUser: 1 << 20}, // one user stands for all
	})
	return p, nil
}

// tell completes a torrent.
func (p *product) tell() (time.Time, error) {
	if len(p.open) == 0 {
		return time.Time{}, errors.New("all torrents are complete")
	}
	id := p.open[0]
	p.open = p.open[1:]
	now := time.Now()
	_, err := p.db.Torrents().Update(context.Background(), []uuid.UUID{id}, nil, func(t *domain.Torrent) error { return t.Complete(now, now) })
	if err != nil {
		return time.Time{}, fmt.Errorf("completing a torrent: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.committed, nil
}
