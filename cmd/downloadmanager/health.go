package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

// readinessPatience is how long the database may take to answer.
const readinessPatience = 2 * time.Second

// health tells those who run the product how it is. Nobody has to come in for
// that, so it tells no names and no addresses.
type health struct {
	database interface{ Ping(context.Context) error }
	servers  *app.Servers
}

// liveness answers as long as the process can.
func (h *health) liveness(w http.ResponseWriter, _ *http.Request) {
	answerHealth(w, http.StatusOK, healthReport{Status: "ok"})
}

// readiness answers well when the database does. Torrent servers that are down
// are told of, but keep nobody from adding torrents and reading lists.
func (h *health) readiness(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readinessPatience)
	defer cancel()
	if err := h.database.Ping(ctx); err != nil {
		answerHealth(w, http.StatusServiceUnavailable, healthReport{Status: "unavailable", Database: "down"})
		return
	}
	servers, err := h.servers.Find(ctx, domain.System())
	if err != nil {
		answerHealth(w, http.StatusServiceUnavailable, healthReport{Status: "unavailable", Database: "failing"})
		return
	}
	report := healthReport{Status: "ok", Database: "ok", ServersDown: []serverDown{}}
	for _, server := range servers {
		if problem := server.Health.Problem; problem != nil {
			report.ServersDown = append(report.ServersDown, serverDown{ID: server.ID, Since: problem.Since})
		}
	}
	answerHealth(w, http.StatusOK, report)
}

type healthReport struct {
	Status      string       `json:"status"`
	Database    string       `json:"database,omitempty"`
	ServersDown []serverDown `json:"serversDown,omitzero"`
}

type serverDown struct {
	ID    uuid.UUID `json:"id"`
	Since time.Time `json:"since"`
}

func answerHealth(w http.ResponseWriter, status int, report healthReport) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(report)
}
