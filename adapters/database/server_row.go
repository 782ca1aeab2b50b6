package database

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
)

// serverRow is a row of torrent_servers, but for its lease, which only SQL
// touches.
type serverRow struct {
	bun.BaseModel `bun:"table:torrent_servers,alias:s"`

	ID         uuid.UUID `bun:"id,pk"`
	LocalNode  string    `bun:"local_node"`
	Address    string    `bun:"address"`
	Type       string    `bun:"type"`
	CreatedAt  time.Time `bun:"created_at"`
	UpdatedAt  time.Time `bun:"updated_at"`
	DeletedAt  time.Time `bun:"deleted_at,nullzero"`
	Sealed     []byte    `bun:"credentials"`
	OnComplete string    `bun:"on_complete"`
	LastSeenAt time.Time `bun:"last_seen_at,nullzero"`
	problemColumns
	NextCheckAt time.Time `bun:"next_check_at"`
	// Latency is in microseconds.
	Latency *int64 `bun:"latency"`
	// Labels are a JSON list.
	Labels    string `bun:"labels"`
	MaxActive int    `bun:"max_active"`
	probedColumns

	SeedRatio   sql.NullFloat64 `bun:"seed_ratio"`
	SeedSeconds sql.NullInt64   `bun:"seed_seconds"`
	Folders     string          `bun:"folders,nullzero"`
}

// serverHealthColumns are what a check writes.
var serverHealthColumns = []string{
	"last_seen_at", "problem_code", "problem_message", "problem_since", "problem_attempts", "retry_at", "next_check_at",
	"latency", "probed_at", "client_version", "free_space", "outstanding",
}

// fromServer leaves the credentials to its caller.
func fromServer(s *domain.Server) serverRow {
	return serverRow{
		ID: s.ID, LocalNode: s.LocalNode, Address: s.Address, Type: string(s.Type),
		CreatedAt: s.CreatedAt.UTC(), UpdatedAt: s.UpdatedAt.UTC(), DeletedAt: orZero(s.DeletedAt),
		OnComplete: string(s.OnComplete), LastSeenAt: orZero(s.Health.LastSeenAt),
		problemColumns: fromProblem(s.Health.Problem), NextCheckAt: s.NextCheckAt.UTC(),
		Latency: fromLatency(s.Health.Latency),
		Labels:  fromLabels(s.Labels), MaxActive: s.MaxActive, probedColumns: fromProbed(s.Health.Probed),

		SeedRatio: nullFloat(s.SeedRatio), SeedSeconds: fromSeconds(s.SeedTime), Folders: fromFolders(s.Folders),
	}
}

// toServer opens the credentials. Where that cannot be done the server is shown
// without any: it will be refused by its client and say so, instead of taking
// the list that it is in and the checks of all others down with it.
func (db *DB) toServer(ctx context.Context, r *serverRow) *domain.Server {
	credentials, err := db.secrets.open(r.ID, r.Sealed)
	if err != nil {
		db.log.ErrorContext(ctx, "reading a server's credentials", "server", r.ID, "error", err)
	}
	return &domain.Server{
		ID: r.ID, LocalNode: r.LocalNode, Address: r.Address, Type: domain.ClientType(r.Type),
		Credentials: credentials, OnComplete: domain.OnComplete(r.OnComplete),
		Labels: toLabels(r.Labels), MaxActive: r.MaxActive,
		SeedRatio: floatOrNil(r.SeedRatio), SeedTime: toSeconds(r.SeedSeconds), Folders: toFolders(r.Folders),
		Health: domain.ServerHealth{
			LastSeenAt: orNil(r.LastSeenAt), Problem: r.toProblem(), Latency: toLatency(r.Latency), Probed: r.toProbed(),
		},
		NextCheckAt: r.NextCheckAt.UTC(), CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
		DeletedAt: orNil(r.DeletedAt),
	}
}

func fromLatency(latency *time.Duration) *int64 {
	if latency == nil {
		return nil
	}
	micros := latency.Microseconds()
	return &micros
}

func toLatency(micros *int64) *time.Duration {
	if micros == nil {
		return nil
	}
	latency := time.Duration(*micros) * time.Microsecond
	return &latency
}
