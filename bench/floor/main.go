// Command floor is the baseline of the benchmarks: the least program that serves
// torrents as JSON from an SQLite file, with no product around it.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// row is what the product's REST list tells of a torrent.
type row struct {
	ID          string  `json:"id"`
	LocalNode   string  `json:"local_node"`
	ServerID    string  `json:"server_id"`
	UserID      *string `json:"user_id"`
	MagnetURI   string  `json:"magnetURI"`
	HashString  *string `json:"hash_string"`
	CompletedAt *string `json:"completed_at"`
	Name        *string `json:"name"`
	CreatedAt   string  `json:"created_at"`
	UpdatedAt   string  `json:"updated_at"`
	DeletedAt   *string `json:"deleted_at"`
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves the file that is the one argument, and says where.
func run(args []string, stdout io.Writer) error {
	if len(args) != 1 {
		return errors.New("usage: floor FILE")
	}
	db, err := sql.Open("sqlite", "file:"+args[0]+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/torrents", func(w http.ResponseWriter, r *http.Request) { answer(w, r, db, 50) })
	mux.HandleFunc("/torrents/all", func(w http.ResponseWriter, r *http.Request) { answer(w, r, db, -1) })
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, listener.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}

// answer gives the newest torrents; a negative limit is none.
func answer(w http.ResponseWriter, r *http.Request, db *sql.DB, limit int) {
	list, err := page(r, db, limit)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(list)
}

func page(r *http.Request, db *sql.DB, limit int) ([]row, error) {
	rows, err := db.QueryContext(r.Context(), `SELECT id, local_node, server_id, user_id, "magnetURI", hash_string,
		completed_at, name, created_at, updated_at, deleted_at
		FROM torrents WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ?`, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	list := make([]row, 0, max(limit, 0))
	for rows.Next() {
		var t row
		if err := rows.Scan(&t.ID, &t.LocalNode, &t.ServerID, &t.UserID, &t.MagnetURI, &t.HashString,
			&t.CompletedAt, &t.Name, &t.CreatedAt, &t.UpdatedAt, &t.DeletedAt); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}
