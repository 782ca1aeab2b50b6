package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// openQuery reads few columns, since there may be many thousand rows, and none
// that lies behind the long ones.
const openQuery = `
SELECT id, info_hash, accepted_at IS NOT NULL,
	coalesce(name, '') NOT IN ('', coalesce(hash_string, '')),
	missing_since, problem_code, retry_at,
	unapplied, completed_at, seeding, on_complete, seed_ratio, seed_seconds
FROM torrents
WHERE server_id = ? AND ` + attended + `
ORDER BY created_at, id`

// attended is domain.Torrent.Attended, word for word as the index has it.
const attended = `deleted_at IS NULL
	AND (completed_at IS NULL OR accepted_at IS NOT NULL AND (seeding OR unapplied <> 0))`

// Open returns what a check needs to know of all torrents of a server that it attends
// to.
func (s *Torrents) Open(ctx context.Context, serverID uuid.UUID) ([]domain.OpenTorrent, error) {
	rows, err := s.db.bun.QueryContext(ctx, openQuery, serverID)
	if err != nil {
		return nil, translate(ctx, err)
	}
	defer rows.Close()
	var torrents []domain.OpenTorrent
	var row openRow
	columns := row.columns()
	for rows.Next() {
		if err := rows.Scan(columns...); err != nil {
			return nil, translate(ctx, err)
		}
		torrents = append(torrents, row.toOpenTorrent())
	}
	return torrents, translate(ctx, rows.Err())
}

// openRow is scanned by hand and used for every row: a model of Bun takes
// several times as long, and what is new for each row must be collected.
type openRow struct {
	id                    uuid.UUID
	infoHash              sql.RawBytes
	accepted, named       bool
	missingSince, retryAt storedTime
	problem               sql.NullString
	unapplied             int64
	completedAt           storedTime
	// Nearly always these say nothing, which is quickest to scan so.
	seeding, onComplete, ratio, seconds any
}

func (r *openRow) columns() []any {
	return []any{
		&r.id, &r.infoHash, &r.accepted, &r.named, &r.missingSince, &r.problem, &r.retryAt,
		&r.unapplied, &r.completedAt, &r.seeding, &r.onComplete, &r.ratio, &r.seconds,
	}
}

func (r *openRow) toOpenTorrent() domain.OpenTorrent {
	// An infohash that is none stands in no report, so that the torrent shows as
	// missing and hides no other.
	hash, _ := domain.ParseInfoHash(string(r.infoHash))
	return domain.OpenTorrent{
		ID: r.id, InfoHash: hash, Accepted: r.accepted, Named: r.named,
		MissingSince: r.missingSince.at, ProblemCode: domain.ProblemCode(r.problem.String), RetryAt: r.retryAt.at,
		Unapplied: domain.Settings(r.unapplied), Completed: r.toCompleted(),
	}
}

func (r *openRow) toCompleted() *domain.CompletedTorrent {
	if r.completedAt.at == nil {
		return nil
	}
	var seeding sql.NullBool
	var onComplete sql.NullString
	var ratio sql.NullFloat64
	var seconds sql.NullInt64
	// What is none of that says nothing.
	_ = errors.Join(seeding.Scan(r.seeding), onComplete.Scan(r.onComplete), ratio.Scan(r.ratio), seconds.Scan(r.seconds))
	return &domain.CompletedTorrent{
		At: *r.completedAt.at, Seeding: seeding.Bool, SeedingWish: toSeedingWish(onComplete.String, ratio, seconds),
	}
}

// storedTime scans a time that may be NULL, from either database.
type storedTime struct{ at *time.Time }

var _ sql.Scanner = (*storedTime)(nil)

// sqliteTime is how Bun writes times.
const sqliteTime = "2006-01-02 15:04:05.999999999-07:00"

// Scan implements sql.Scanner.
func (s *storedTime) Scan(value any) error {
	switch value := value.(type) {
	case nil:
		s.at = nil
	case time.Time:
		s.at = orNil(value)
	case string:
		at, err := time.Parse(sqliteTime, value)
		if err != nil {
			return err
		}
		s.at = orNil(at)
	default:
		return fmt.Errorf("a time was stored as %T", value)
	}
	return nil
}
