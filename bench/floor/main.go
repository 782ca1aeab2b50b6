// Command floor is the baseline of the benchmarks: the least program that serves
// torrents as JSON from an SQLite file, with no product around it.
package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"log"
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
	if len(os.Args) != 2 {
		log.Fatal("usage: floor FILE")
	}
	db, err := sql.Open("sqlite", "file:"+os.Args[1]+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/torrents", func(w http.ResponseWriter, r *http.Request) {
		list, err := page(r, db)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(list)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr())
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.Serve(listener))
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
