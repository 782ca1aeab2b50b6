package app

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// open reads what a watcher looks at, as far as it is not held for others already,
// and has its servers asked.
func (p *progressWatch) open(ctx context.Context, w *progressWatcher) error {
	if err := p.read(ctx); err != nil {
		return err
	}
	defer func() { <-p.reading }()
	if err := p.begin(ctx); err != nil {
		return err
	}
	for _, filter := range p.missing(w) {
		if err := p.fetch(ctx, filter); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if shelved := p.shelves[w.shelf]; w.ids == nil {
		shelved.read = true
	}
	for id := range w.ids {
		if e := p.book.entries[id]; e != nil {
			w.servers[e.torrent.ServerID] = struct{}{}
		}
	}
	w.born = p.book.latest
	p.attend()
	for serverID, room := range p.rooms {
		if w.watches(serverID) {
			switch {
			case room.fresh: // the request under way, if one is, does not ask for all that w looks at
				w.awaits[serverID] = room.begun + 1
			case room.answered == 0:
				w.awaits[serverID] = room.begun
			}
			room.nudge()
		}
	}
	return nil
}

// read waits for its turn to read the store.
func (p *progressWatch) read(ctx context.Context) error {
	select {
	case p.reading <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin follows the log from now on, before anything else is read.
func (p *progressWatch) begin(ctx context.Context) error {
	if p.begun {
		return nil
	}
	hint, stop := p.Signal.Subscribe()
	cursor, err := p.EventLog.Newest(ctx)
	if err == nil {
		err = p.readServers(ctx)
	}
	if err != nil {
		stop()
		return err
	}
	p.cursor, p.begun = cursor, true
	p.running.Go(func() {
		defer stop()
		p.follow(p.ctx, hint)
	})
	return nil
}

// missing are the queries for what is not in the book yet.
func (p *progressWatch) missing(w *progressWatcher) []domain.TorrentFilter {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.ids == nil {
		if p.shelves[w.shelf].read {
			return nil
		}
		return w.shelf.filters()
	}
	var ids []uuid.UUID
	for id := range w.ids {
		if p.book.entries[id] == nil {
			ids = append(ids, id)
		}
	}
	if ids == nil {
		return nil
	}
	return []domain.TorrentFilter{{IDs: ids}}
}

func (p *progressWatch) fetch(ctx context.Context, filter domain.TorrentFilter) error {
	p.mu.Lock()
	most := cmp.Or(p.Most, mostWatched)
	room := max(most-len(p.book.entries), 0)
	p.mu.Unlock()
	torrents, err := p.Torrents.Find(ctx, filter, domain.TorrentPage{Limit: room + 1})
	if err != nil {
		return err
	}
	if len(torrents) > room {
		return domain.Invalid("filter", "more than %d torrents would be watched; watch a server's, or only those that are DOWNLOADING", most)
	}
	return p.enter(ctx, torrents)
}

// enter puts torrents into the book, as far as they are wanted.
func (p *progressWatch) enter(ctx context.Context, torrents []*domain.Torrent) error {
	known := true
	p.mu.Lock()
	for _, t := range torrents {
		known = known && p.servers[t.ServerID] != nil
	}
	p.mu.Unlock()
	if !known {
		if err := p.readServers(ctx); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range torrents {
		if !p.wanted(t) {
			p.book.end(t.ID, t)
			continue
		}
		asked := t.AcceptedAt != nil && p.asks(t.ServerID)
		p.book.put(t, asked)
		if room := p.rooms[t.ServerID]; room != nil && asked && p.book.entries[t.ID].noted == 0 {
			room.fresh = true
		}
		if p.ids[t.ID] > 0 {
			p.moved(t)
		}
	}
	return nil
}

// moved lets watchers with ids look at the server that a torrent is on now.
func (p *progressWatch) moved(t *domain.Torrent) {
	for w := range p.watchers {
		if _, found := w.ids[t.ID]; found {
			w.servers[t.ServerID] = struct{}{}
		}
	}
}

func (p *progressWatch) readServers(ctx context.Context) error {
	servers, err := p.Progress.Servers.Find(ctx, domain.ServerFilter{WithRemoved: true})
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range servers {
		p.servers[s.ID], p.book.kinds[s.ID] = s, s.Type
	}
	return nil
}

// asks reports whether a server is asked by this process at all.
func (p *progressWatch) asks(serverID uuid.UUID) bool {
	s := p.servers[serverID]
	return s != nil && p.Progress.looksAfter(s)
}
