package database

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/clarion-app/download-manager/domain"
)

// records are what torrents have recorded and claimed, and what is saved with
// them.
type records struct {
	keys      []keyRow
	events    []eventRow
	removals  []removalRow
	metainfos metainfoChanges
}

// take moves what t has recorded.
func (r *records) take(t *domain.Torrent) {
	for _, event := range t.TakeEvents() {
		r.events = append(r.events, fromEvent(event))
	}
	for _, removal := range t.TakeRemovals() {
		r.removals = append(r.removals, fromRemoval(removal))
	}
	if key := t.TakeKey(); key != nil {
		r.keys = append(r.keys, fromKey(*key))
	}
	switch content, changed := t.TakeMetainfo(); {
	case content != nil:
		r.metainfos.added = append(r.metainfos.added, metainfoRow{TorrentID: t.ID, Content: content})
	case changed:
		r.metainfos.dropped = append(r.metainfos.dropped, t.ID)
	}
}

// save must be the last thing that a transaction does: see lockEventLog.
func (r *records) save(ctx context.Context, tx bun.Tx) error {
	if len(r.removals) > 0 {
		if _, err := tx.NewInsert().Model(&r.removals).Exec(ctx); err != nil {
			return err
		}
	}
	if err := r.metainfos.save(ctx, tx); err != nil {
		return err
	}
	if len(r.events) == 0 {
		return nil
	}
	if err := lockEventLog(ctx, tx); err != nil {
		return err
	}
	_, err := tx.NewInsert().Model(&r.events).Returning("NULL").Exec(ctx)
	return err
}

// announce tells, after the commit, that the log has grown.
func (r *records) announce(db *DB) {
	if len(r.events) > 0 {
		db.onAppend()
	}
}
