package app

import (
	"slices"
	"sort"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// progressBook holds the torrents that are watched and how each is doing, and notes
// in order what changes. A watcher is no more than a place in these notes: what
// changes costs the same however many watch, is merged by itself for those who are
// slow, and is matched against each watcher only when that is told
// (docs/decisions/0011).
type progressBook struct {
	entries  map[uuid.UUID]*progressEntry
	byServer map[uuid.UUID]map[uuid.UUID]*progressEntry
	// kinds are the types of the servers.
	kinds map[uuid.UUID]domain.ClientType
	notes []progressNote
	// latest is the number of the last note.
	latest uint64
	// tidyAt is how many notes there may be before those that say nothing any more
	// are thrown away.
	tidyAt int
}

// progressEntry is one torrent. What it points to is replaced and never changed, so
// that it can be handed out.
type progressEntry struct {
	torrent  *domain.Torrent // nil once it was removed or dropped
	progress *domain.Transfer
	// held: it is in the book still.
	held bool
	// noted is the number of its latest note; 0 until its client was asked.
	noted uint64
}

// progressNote says that something of a torrent has changed. It is the torrent's
// latest unless the entry knows another.
type progressNote struct {
	number uint64
	id     uuid.UUID
	entry  *progressEntry
	// was is the torrent before it changed itself; nil where only its progress has.
	was *domain.Torrent
}

// mostNotes bounds the notes of what was, which are kept for slow watchers.
const mostNotes = 20_000

func newProgressBook() *progressBook {
	return &progressBook{
		entries:  map[uuid.UUID]*progressEntry{},
		byServer: map[uuid.UUID]map[uuid.UUID]*progressEntry{},
		kinds:    map[uuid.UUID]domain.ClientType{},
	}
}

// put enters a torrent, or what has become of it. asked: its server's client will be
// asked how it is doing, so that there is nothing to tell before that.
func (b *progressBook) put(t *domain.Torrent, asked bool) {
	e, found := b.entries[t.ID]
	if !found {
		e = &progressEntry{torrent: t, held: true}
		b.entries[t.ID] = e
		b.place(t, e)
		if !asked {
			b.note(t.ID, e, nil)
		}
		return
	}
	was := e.torrent
	if e.noted != 0 && unchanged(was, t) {
		return
	}
	e.torrent = t
	if was.ServerID != t.ServerID {
		b.displace(was)
		b.place(t, e)
	}
	if !asked || was.ServerID != t.ServerID || was.InfoHash() != t.InfoHash() {
		e.progress = nil
	}
	if !asked || e.noted != 0 {
		b.note(t.ID, e, was)
	}
}

// unchanged reports whether a torrent that was read again is as it was. The time of
// its last change alone would not do: clocks are not that fine.
func unchanged(a, b *domain.Torrent) bool {
	return a.UpdatedAt.Equal(b.UpdatedAt) && a.ServerID == b.ServerID && a.MagnetURI.String() == b.MagnetURI.String() &&
		a.Name == b.Name && a.HashString == b.HashString &&
		same(a.UserID, b.UserID) && same(a.AcceptedAt, b.AcceptedAt) && same(a.CompletedAt, b.CompletedAt) &&
		(a.Problem == nil) == (b.Problem == nil) &&
		(a.Problem == nil || a.Problem.Code == b.Problem.Code && a.Problem.Message == b.Problem.Message)
}

func same[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

func (b *progressBook) place(t *domain.Torrent, e *progressEntry) {
	if b.byServer[t.ServerID] == nil {
		b.byServer[t.ServerID] = map[uuid.UUID]*progressEntry{}
	}
	b.byServer[t.ServerID][t.ID] = e
}

func (b *progressBook) displace(t *domain.Torrent) {
	delete(b.byServer[t.ServerID], t.ID)
	if len(b.byServer[t.ServerID]) == 0 {
		delete(b.byServer, t.ServerID)
	}
}

// drop takes a torrent out that nobody looks at any more.
func (b *progressBook) drop(id uuid.UUID) *progressEntry {
	e, found := b.entries[id]
	if !found {
		return nil
	}
	delete(b.entries, id)
	b.displace(e.torrent)
	e.torrent, e.progress, e.held = nil, nil, false
	return e
}

// end takes a torrent out and notes it: one that was removed (nil), or that has
// become something that nobody looks at.
func (b *progressBook) end(id uuid.UUID, now *domain.Torrent) {
	var was *domain.Torrent
	if e, found := b.entries[id]; found {
		was = e.torrent
	}
	if e := b.drop(id); e != nil {
		e.torrent = now
		b.note(id, e, was)
	}
}

// report enters what a client was asked about entries and answered.
func (b *progressBook) report(asked []*progressEntry, serverID uuid.UUID, answer map[domain.InfoHash]domain.Transfer) {
	for _, e := range asked {
		t := e.torrent
		if !e.held || t.ServerID != serverID || t.AcceptedAt == nil {
			continue // it has changed meanwhile
		}
		transfer, found := answer[t.InfoHash()]
		switch {
		case !found && (e.progress != nil || e.noted == 0):
			e.progress = nil
		case found && (e.progress == nil || !looksLike(*e.progress, transfer)):
			e.progress = &transfer
		default:
			continue
		}
		b.note(t.ID, e, nil)
	}
}

// looksLike reports whether two reports of a transfer show the same.
func looksLike(a, b domain.Transfer) bool {
	if !same(a.ETA, b.ETA) {
		return false
	}
	a.ETA, a.Name, a.FinishedAt = nil, "", nil
	b.ETA, b.Name, b.FinishedAt = nil, "", nil
	return a == b
}

func (b *progressBook) note(id uuid.UUID, e *progressEntry, was *domain.Torrent) {
	b.latest++
	e.noted = b.latest
	b.notes = append(b.notes, progressNote{number: b.latest, id: id, entry: e, was: was})
}

// after returns the notes behind a number.
func (b *progressBook) after(number uint64) []progressNote {
	return b.notes[sort.Search(len(b.notes), func(i int) bool { return b.notes[i].number > number }):]
}

// tidy throws notes away that tell nobody anything: those that a later one replaces,
// and those of what was and that everybody has been told, up to the number told. It
// returns a number up to which what was is forgotten although it was not told.
func (b *progressBook) tidy(told func() uint64) (forgotten uint64) {
	if len(b.notes) <= b.tidyAt {
		return 0
	}
	known := told()
	b.notes = slices.DeleteFunc(b.notes, func(n progressNote) bool { return n.idle(known) })
	if len(b.notes) > len(b.entries)+mostNotes {
		// No further than needed: those who keep up have not heard of the latest, either.
		forgotten = b.notes[len(b.notes)-mostNotes/2].number
		b.notes = slices.DeleteFunc(b.notes, func(n progressNote) bool { return n.idle(forgotten) })
	}
	for i := range b.notes {
		if b.notes[i].number <= max(known, forgotten) {
			b.notes[i].was = nil
		}
	}
	b.tidyAt = max(len(b.notes)+1000, min(2*len(b.notes)+1000, len(b.entries)+mostNotes))
	return forgotten
}

// idle reports whether a note says nothing to who was told all up to a number.
func (n progressNote) idle(told uint64) bool {
	return (n.number != n.entry.noted || !n.entry.held) && (n.was == nil || n.number <= told)
}
