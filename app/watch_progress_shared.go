package app

import (
	"context"
	"sync"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// progressWatch is what all present watchers share. It begins with the first of them
// and ends with the last; what it holds is used under the mu of its ProgressFeed.
type progressWatch struct {
	*ProgressFeed
	// stop ends what running waits for: the reader of the log and the rooms.
	ctx     context.Context //nolint:containedctx // it ends with the last watcher, and is nobody's request
	stop    context.CancelFunc
	running sync.WaitGroup
	// reading is held while the store is read and what was read is entered, so that
	// nothing older is entered later. What stands below it belongs to who holds it.
	reading chan struct{}
	cursor  domain.Cursor
	begun   bool

	watchers map[*progressWatcher]struct{}
	book     *progressBook
	// shelves and ids are what is held, and for how many watchers.
	shelves map[progressShelf]*progressShelved
	ids     map[uuid.UUID]int
	rooms   map[uuid.UUID]*progressRoom
	servers map[uuid.UUID]*domain.Server
}

type progressShelved struct {
	watchers int
	// read: all that is on the shelf is in the book.
	read bool
}

// join adds a watcher to the others, or makes it the first.
func (f *ProgressFeed) join(w *progressWatcher) *progressWatch {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.watch
	if p == nil {
		p = &progressWatch{
			ProgressFeed: f, reading: make(chan struct{}, 1), book: newProgressBook(),
			watchers: map[*progressWatcher]struct{}{}, shelves: map[progressShelf]*progressShelved{}, ids: map[uuid.UUID]int{},
			rooms: map[uuid.UUID]*progressRoom{}, servers: map[uuid.UUID]*domain.Server{},
		}
		p.ctx, p.stop = context.WithCancel(context.Background())
		f.watch = p
	}
	p.watchers[w] = struct{}{}
	w.born = p.book.latest
	for id := range w.ids {
		p.ids[id]++
	}
	if w.ids == nil {
		if p.shelves[w.shelf] == nil {
			p.shelves[w.shelf] = &progressShelved{}
		}
		p.shelves[w.shelf].watchers++
	}
	return p
}

// leave takes a watcher out, with all that was held for it alone. The last one waits
// for the end of everything that was under way.
func (p *progressWatch) leave(w *progressWatcher) {
	if p.left(w) {
		p.stop()
		p.running.Wait()
	}
}

func (p *progressWatch) left(w *progressWatcher) (last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.watchers, w)
	if len(p.watchers) == 0 {
		if p.watch == p {
			p.watch = nil
		}
		return true
	}
	for id := range w.ids {
		if p.ids[id]--; p.ids[id] == 0 {
			delete(p.ids, id)
			if e := p.book.entries[id]; e != nil && !p.wanted(e.torrent) {
				p.book.drop(id)
			}
		}
	}
	if shelved := p.shelves[w.shelf]; w.ids == nil {
		if shelved.watchers--; shelved.watchers == 0 {
			delete(p.shelves, w.shelf)
			for id, e := range p.book.entries {
				if !p.wanted(e.torrent) {
					p.book.drop(id)
				}
			}
		}
	}
	for _, room := range p.rooms { // some are to be asked less often, or never
		room.nudge()
	}
	return false
}

// wanted reports whether some watcher may want to be told of t.
func (p *progressWatch) wanted(t *domain.Torrent) bool {
	if p.ids[t.ID] > 0 {
		return true
	}
	for _, shelf := range shelvesOf(t) {
		if p.shelves[shelf] != nil {
			return true
		}
	}
	return false
}

// changes returns what actor, who watches, is to be told next, nothing when there is
// nothing, and reports whether w can go on.
func (p *progressWatch) changes(w *progressWatcher, actor domain.Actor) (changes []*ProgressChange, good bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for serverID, request := range w.awaits {
		if room := p.rooms[serverID]; room != nil && room.answered < request {
			return nil, !w.lost
		}
		delete(w.awaits, serverID)
	}
	for _, note := range p.book.after(w.seen) {
		w.seen = note.number
		if change := p.change(note, w, actor); change != nil {
			changes = append(changes, change)
		}
		if len(changes) == progressBatch {
			break
		}
	}
	return changes, !w.lost
}

// change is what a note says to actor, who watches; nil when nothing.
func (p *progressWatch) change(note progressNote, w *progressWatcher, actor domain.Actor) *ProgressChange {
	e := note.entry
	fits := func(t *domain.Torrent) bool { return t != nil && w.fits(t, p.book.kinds[t.ServerID], actor) }
	if e.held && fits(e.torrent) {
		if note.number != e.noted {
			return nil // a later note tells it
		}
		return &ProgressChange{TorrentID: note.id, Torrent: e.torrent, Progress: e.progress}
	}
	if note.number <= w.born || !fits(note.was) {
		return nil
	}
	left := &ProgressChange{TorrentID: note.id}
	if e.torrent != nil && actor.MayUse(e.torrent.UserID) {
		left.Torrent = e.torrent
	}
	return left
}

// noted is called after changes were noted.
func (p *progressWatch) noted() {
	told := func() uint64 {
		least := p.book.latest
		for w := range p.watchers {
			least = min(least, max(w.seen, w.born))
		}
		return least
	}
	forgotten := p.book.tidy(told)
	for w := range p.watchers {
		if max(w.seen, w.born) < forgotten {
			w.lost = true
		}
		if w.lost || w.seen < p.book.latest || len(w.awaits) > 0 {
			w.nudge()
		}
	}
}
