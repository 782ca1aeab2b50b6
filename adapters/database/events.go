package database

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// EventLog reads and prunes the log of events. Torrents appends to it.
type EventLog struct{ db *DB }

var _ ports.EventLog = (*EventLog)(nil)

type eventRow struct {
	bun.BaseModel `bun:"table:torrent_events,alias:e"`

	Seq         int64     `bun:"seq,pk,autoincrement"`
	Type        string    `bun:"type"`
	TorrentID   uuid.UUID `bun:"torrent_id"`
	ServerID    uuid.UUID `bun:"server_id"`
	UserID      uuid.UUID `bun:"user_id,nullzero"`
	Name        string    `bun:"name,nullzero"`
	HashString  string    `bun:"hash_string,nullzero"`
	CompletedAt time.Time `bun:"completed_at,nullzero"`
	Problem     string    `bun:"problem,nullzero"`
	At          time.Time `bun:"at"`
}

func fromEvent(e domain.Event) eventRow {
	row := eventRow{
		Type: string(e.Type), TorrentID: e.TorrentID, ServerID: e.ServerID, Name: e.Name,
		HashString: e.HashString, CompletedAt: orZero(e.CompletedAt), Problem: e.Problem, At: e.At.UTC(),
	}
	if e.UserID != nil {
		row.UserID = *e.UserID
	}
	return row
}

func (r *eventRow) toEvent() domain.Event {
	return domain.Event{
		Cursor: domain.Cursor(r.Seq), Type: domain.EventType(r.Type), TorrentID: r.TorrentID, ServerID: r.ServerID,
		UserID: idOrNil(r.UserID), Name: r.Name, HashString: r.HashString,
		CompletedAt: orNil(r.CompletedAt), Problem: r.Problem, At: r.At.UTC(),
	}
}

// prunedRow is the one row of torrent_events_pruned.
type prunedRow struct {
	bun.BaseModel `bun:"table:torrent_events_pruned,alias:p"`

	Seq int64 `bun:"seq"`
}

// After returns the events behind a cursor, in order.
func (s *EventLog) After(ctx context.Context, query ports.EventQuery) ([]domain.Event, error) {
	var rows []eventRow
	sel := s.db.bun.NewSelect().Model(&rows).Where("seq > ?", int64(query.After)).
		Order("seq").Limit(int64(query.Limit))
	filter := query.Filter
	if len(filter.Types) > 0 {
		sel.Where("type IN (?)", bun.List(filter.Types))
	}
	if filter.TorrentIDs != nil {
		sel.Where("torrent_id IN (?)", bun.List(filter.TorrentIDs))
	}
	if filter.ServerID != nil {
		sel.Where("server_id = ?", *filter.ServerID)
	}
	if filter.UserID != nil {
		sel.Where("user_id = ?", *filter.UserID)
	}
	if err := sel.Scan(ctx); err != nil {
		return nil, translate(ctx, err)
	}
	// Later than the events: what is pruned between the two must not go
	// unnoticed.
	oldest, err := s.Oldest(ctx)
	if err != nil {
		return nil, err
	}
	if query.After < oldest {
		return nil, domain.CursorExpired(query.After, oldest)
	}
	events := make([]domain.Event, 0, len(rows))
	for i := range rows {
		events = append(events, rows[i].toEvent())
	}
	return events, nil
}

// Newest returns the cursor of the newest event, 0 when there was never one.
func (s *EventLog) Newest(ctx context.Context) (domain.Cursor, error) {
	var seq int64
	err := s.db.bun.NewSelect().Model((*eventRow)(nil)).Column("seq").OrderExpr("seq DESC").Limit(1).Scan(ctx, &seq)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, translate(ctx, err)
	}
	return domain.Cursor(seq), nil
}

// Oldest returns the oldest cursor that a reader may still go on from; 0 when
// nothing was ever pruned.
func (s *EventLog) Oldest(ctx context.Context) (domain.Cursor, error) {
	var pruned prunedRow
	err := s.db.bun.NewSelect().Model(&pruned).Scan(ctx)
	return domain.Cursor(pruned.Seq), translate(ctx, err)
}

// Prune forgets the log's beginning up to the first event that is not older than
// before, or is the newest. Were a younger one in front of an older, by clocks
// that disagree, both stay: a cursor has expired only when something is gone.
func (s *EventLog) Prune(ctx context.Context, before time.Time) (int, error) {
	var forgotten int64
	err := s.db.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var keep int64 // the first to stay
		events := tx.NewSelect().Model((*eventRow)(nil)).Column("seq").Limit(1)
		err := events.Clone().Where("at >= ?", before).Order("seq").Scan(ctx, &keep)
		if errors.Is(err, sql.ErrNoRows) {
			err = events.OrderExpr("seq DESC").Scan(ctx, &keep)
		}
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		result, err := tx.NewDelete().Model((*eventRow)(nil)).Where("seq < ?", keep).Exec(ctx)
		if err != nil {
			return err
		}
		if forgotten, err = result.RowsAffected(); err != nil || forgotten == 0 {
			return err
		}
		_, err = tx.NewUpdate().Model((*prunedRow)(nil)).Set("seq = ?", keep-1).Where("seq < ?", keep-1).Exec(ctx)
		return err
	})
	return int(forgotten), err
}
