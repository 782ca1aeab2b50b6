// Command baseline is what the product's lists are compared with: a plain handler
// that gives the same rows, from the same repositories, as JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/auth"
	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

// pageSize is how many torrents a page has.
const pageSize = 50

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves the database that is the one argument, and says where.
func run(args []string, stdout io.Writer) error {
	if len(args) != 1 {
		return errors.New("usage: baseline DATABASE-URL")
	}
	ctx := context.Background()
	db, err := database.Open(ctx, args[0], database.Options{})
	if err != nil {
		return err
	}
	authenticator, err := auth.New(ctx, auth.Config{Users: &app.Users{
		Repository: db.Users(), Tokens: db.Tokens(), Now: time.Now,
	}})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/torrents", func(w http.ResponseWriter, r *http.Request) { answer(w, r, db, false) })
	mux.HandleFunc("/torrents-and-servers", func(w http.ResponseWriter, r *http.Request) { answer(w, r, db, true) })
	guarded := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := authenticator.Authenticate(r); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	})
	mux.Handle("/guarded/", http.StripPrefix("/guarded", guarded))
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, listener.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}

type row struct {
	ID          uuid.UUID     `json:"id"`
	LocalNode   string        `json:"localNode"`
	MagnetURI   string        `json:"magnetURI"`
	HashString  *string       `json:"hashString"`
	Name        *string       `json:"name"`
	Status      domain.Status `json:"status"`
	CompletedAt *time.Time    `json:"completedAt"`
	CreatedAt   time.Time     `json:"createdAt"`
	UpdatedAt   time.Time     `json:"updatedAt"`
	Problem     *problem      `json:"problem"`
	Server      *server       `json:"server,omitempty"`
}

type problem struct {
	Code    domain.ProblemCode `json:"code"`
	Message string             `json:"message"`
}

type server struct {
	ID      uuid.UUID         `json:"id"`
	Address string            `json:"address"`
	Type    domain.ClientType `json:"type"`
}

func answer(w http.ResponseWriter, r *http.Request, db *database.DB, withServers bool) {
	rows, err := page(r.Context(), db, withServers)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(rows)
}

func page(ctx context.Context, db *database.DB, withServers bool) ([]row, error) {
	torrents, err := db.Torrents().Find(ctx, domain.TorrentFilter{}, domain.TorrentPage{Limit: pageSize})
	if err != nil {
		return nil, err
	}
	rows := make([]row, len(torrents))
	for i, t := range torrents {
		rows[i] = row{
			ID: t.ID, LocalNode: t.LocalNode, MagnetURI: t.MagnetURI.String(), HashString: shown(t.HashString), Name: shown(t.Name),
			Status: t.Status(), CompletedAt: t.CompletedAt, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt,
		}
		if t.Problem != nil {
			rows[i].Problem = &problem{Code: t.Problem.Code, Message: t.Problem.Message}
		}
	}
	if withServers {
		err = addServers(ctx, db, torrents, rows)
	}
	return rows, err
}

// addServers reads the servers of a page at once.
func addServers(ctx context.Context, db *database.DB, torrents []*domain.Torrent, rows []row) error {
	known := map[uuid.UUID]*server{}
	var ids []uuid.UUID
	for _, t := range torrents {
		if _, seen := known[t.ServerID]; !seen {
			known[t.ServerID] = nil
			ids = append(ids, t.ServerID)
		}
	}
	servers, err := db.Servers().Find(ctx, domain.ServerFilter{IDs: ids, WithRemoved: true})
	if err != nil {
		return err
	}
	for _, s := range servers {
		known[s.ID] = &server{ID: s.ID, Address: s.Address, Type: s.Type}
	}
	for i, t := range torrents {
		rows[i].Server = known[t.ServerID]
	}
	return nil
}

func shown(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
