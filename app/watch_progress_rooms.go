package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// progressRoom is where one server is asked, again and again, for all who watch it.
type progressRoom struct {
	serverID uuid.UUID
	// hint gets a value when the server may have to be asked at another time.
	hint chan struct{}
	// fresh: there are torrents of which it was never asked.
	fresh bool
	// begun and answered count its requests.
	begun, answered uint64
}

func (r *progressRoom) nudge() {
	select {
	case r.hint <- struct{}{}:
	default:
	}
}

// attend opens a room for each server that is to be asked and has none, and has a
// server asked soon about what is new.
func (p *progressWatch) attend() {
	if p.ctx.Err() != nil {
		return
	}
	for serverID := range p.book.byServer {
		room := p.rooms[serverID]
		if room == nil && p.asks(serverID) && p.interval(serverID) > 0 {
			room = &progressRoom{serverID: serverID, hint: make(chan struct{}, 1), fresh: true}
			p.rooms[serverID] = room
			p.running.Go(func() { p.keepAsking(p.ctx, room) })
		}
		if room != nil && room.fresh {
			room.nudge()
		}
	}
}

// interval is how often a server is to be asked: as often as the keenest of those
// who watch it wants; 0 when nobody does.
func (p *progressWatch) interval(serverID uuid.UUID) time.Duration {
	shortest := time.Duration(0)
	if len(p.book.byServer[serverID]) == 0 {
		return shortest
	}
	for w := range p.watchers {
		if (shortest == 0 || w.Every < shortest) && w.watches(serverID) {
			shortest = w.Every
		}
	}
	return shortest
}

func (p *progressWatch) keepAsking(ctx context.Context, room *progressRoom) {
	for {
		p.ask(ctx, room)
		if !p.rest(ctx, room, time.Now()) {
			return
		}
	}
}

// ask has the server asked for all that is held of it, and enters what it says.
func (p *progressWatch) ask(ctx context.Context, room *progressRoom) {
	asked, hashes := p.beginAsking(room)
	var answer map[domain.InfoHash]domain.Transfer
	servers, err := p.Progress.Servers.Find(ctx, domain.ServerFilter{IDs: []uuid.UUID{room.serverID}})
	switch {
	case err != nil && ctx.Err() == nil:
		p.Log.WarnContext(ctx, "reading a server to ask for progress", "error", err)
	case len(servers) == 1:
		answer = p.Progress.ask(ctx, *servers[0], hashes)
	}
	if ctx.Err() != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(servers) == 1 {
		p.servers[room.serverID], p.book.kinds[room.serverID] = servers[0], servers[0].Type
	}
	room.answered++
	if err == nil {
		p.book.report(asked, room.serverID, answer)
	}
	p.noted()
}

func (p *progressWatch) beginAsking(room *progressRoom) (asked []*progressEntry, hashes []domain.InfoHash) {
	p.mu.Lock()
	defer p.mu.Unlock()
	room.fresh = false
	room.begun++
	entries := p.book.byServer[room.serverID]
	asked, hashes = make([]*progressEntry, 0, len(entries)), make([]domain.InfoHash, 0, len(entries))
	for _, e := range entries {
		if e.torrent.AcceptedAt != nil {
			asked = append(asked, e)
			hashes = append(hashes, e.torrent.InfoHash())
		}
	}
	return asked, hashes
}

// rest waits until the server is to be asked again, and reports whether it is.
func (p *progressWatch) rest(ctx context.Context, room *progressRoom, since time.Time) bool {
	for {
		every, fresh := p.closing(room)
		if every == 0 {
			return false
		}
		wait := every - time.Since(since)
		if fresh || wait <= 0 {
			return ctx.Err() == nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-room.hint:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			return false
		}
	}
}

// closing closes a room whose server nobody watches any more, or returns its interval.
func (p *progressWatch) closing(room *progressRoom) (every time.Duration, fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if every = p.interval(room.serverID); every == 0 {
		delete(p.rooms, room.serverID)
		for w := range p.watchers {
			w.nudge() // none waits for its answer any more
		}
	}
	return every, room.fresh
}
