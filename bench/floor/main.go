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

type row struct {
	ID        string  `json:"id"`
	MagnetURI string  `json:"magnetURI"`
	Name      *string `json:"name"`
	CreatedAt string  `json:"created_at"`
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
	mux.HandleFunc("/torrents", func(w http.ResponseWriter, r *http.Request) {
		list, err := page(r, db)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(list)
	})
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, listener.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}

func page(r *http.Request, db *sql.DB) ([]row, error) {
	rows, err := db.QueryContext(r.Context(), `SELECT id, "magnetURI", name, created_at FROM torrents
		WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 50`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	list := make([]row, 0, 50)
	for rows.Next() {
		var t row
		if err := rows.Scan(&t.ID, &t.MagnetURI, &t.Name, &t.CreatedAt); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}
