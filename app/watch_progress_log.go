package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// follow keeps the book as the log says.
func (p *progressWatch) follow(ctx context.Context, hint <-chan struct{}) {
	poll := time.NewTicker(p.Poll)
	defer poll.Stop()
	for {
		select {
		case <-hint:
		case <-poll.C:
		case <-ctx.Done():
			return
		}
		if err := p.catchUp(ctx); err != nil && ctx.Err() == nil {
			// The next poll tries again; the cursor has not moved, so nothing is lost.
			p.Log.WarnContext(ctx, "following torrents for their progress", "error", err)
		}
	}
}

func (p *progressWatch) catchUp(ctx context.Context) error {
	if err := p.read(ctx); err != nil {
		return err
	}
	defer func() { <-p.reading }()
	for {
		events, err := p.EventLog.After(ctx, ports.EventQuery{After: p.cursor, Limit: progressBatch})
		if domain.KindOf(err) == domain.KindCursorExpired {
			p.loseAll()
		}
		if err != nil || len(events) == 0 {
			return err
		}
		ids := map[uuid.UUID]struct{}{}
		for _, event := range events {
			ids[event.TorrentID] = struct{}{}
		}
		if err := p.reread(ctx, ids); err != nil {
			return err
		}
		p.cursor = events[len(events)-1].Cursor
		if len(events) < progressBatch {
			return nil
		}
	}
}

// reread brings torrents up to date.
func (p *progressWatch) reread(ctx context.Context, ids map[uuid.UUID]struct{}) error {
	var all []uuid.UUID
	for id := range ids {
		all = append(all, id)
	}
	torrents, err := p.Torrents.Find(ctx, domain.TorrentFilter{IDs: all}, domain.TorrentPage{})
	if err != nil {
		return err
	}
	if err := p.enter(ctx, torrents); err != nil {
		return err
	}
	for _, t := range torrents {
		delete(ids, t.ID)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range ids {
		p.book.end(id, nil)
	}
	p.attend()
	p.noted()
	return nil
}

// loseAll ends all watches: the log was pruned behind our back, and what was missed
// cannot be told.
func (p *progressWatch) loseAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.watchers {
		w.lost = true
		w.nudge()
	}
	if p.watch == p { // whoever comes now begins anew
		p.watch = nil
	}
}
