package aria2

import (
	"strings"
	"sync"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// listing is all that the daemon tells of torrents at one moment.
type listing struct {
	all []download
	// held are the places in all of those that stand for a torrent, by the text of its
	// infohash.
	held map[string]int
}

func newListing(all []download) listing {
	list := listing{all: all, held: make(map[string]int, len(all))}
	for i := range all {
		d := &all[i]
		d.hash = strings.ToLower(d.hash)
		rank := d.rank()
		if rank == 0 {
			continue
		}
		// Of equals the later one: results are told from the oldest on.
		if best, found := list.held[d.hash]; !found || rank >= all[best].rank() {
			list.held[d.hash] = i
		}
	}
	return list
}

// rank says which of several downloads of one infohash stands for the torrent; 0
// stands for none.
func (d *download) rank() int {
	switch d.state {
	case stateActive:
		return 4
	case stateWaiting, statePaused:
		return 3
	case stateError:
		if d.code == codeDuplicate {
			return 0 // it was there already, as another download
		}
		return 1
	case stateComplete:
		if d.followed && !d.hasInfo {
			return 0 // metadata; the content has a download of its own, or had
		}
		return 1
	}
	return 0 // removed, and only remembered
}

// of returns what stands for a torrent; nil when the daemon does not hold it.
func (l listing) of(hash domain.InfoHash) *download {
	i, found := l.held[hash.String()]
	if !found {
		return nil
	}
	return &l.all[i]
}

// remembrance is how long what was seen to be absent is taken to be so.
const remembrance = 10 * time.Second

// memory is what the daemon was last seen to hold, so that adding many need not look
// each time whether they are there. A torrent that somebody else adds meanwhile is
// added twice: the daemon itself sees that, and keeps the first.
type memory struct {
	mu sync.Mutex
	at time.Time
	// held is of the last listing and not ours to change; nil when nothing is known.
	held  map[string]int
	added map[domain.InfoHash]struct{}
}

// saw replaces what was known by a listing asked for at a moment.
func (m *memory) saw(at time.Time, list listing) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at, m.held, m.added = at, list.held, make(map[domain.InfoHash]struct{})
}

// absent reports whether a torrent was lately seen not to be held.
func (m *memory) absent(hash domain.InfoHash, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	age := now.Sub(m.at)
	_, held := m.held[hash.String()]
	_, added := m.added[hash]
	return m.held != nil && age >= 0 && age < remembrance && !held && !added
}

// add notes that a torrent is held.
func (m *memory) add(hash domain.InfoHash) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held != nil {
		m.added[hash] = struct{}{}
	}
}

// forget drops all that was known.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held = nil
}
