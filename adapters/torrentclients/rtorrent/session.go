package rtorrent

import (
	"crypto/rand"
	"sync"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// settlingTime is how long a daemon that holds nothing may still be loading its
// torrents. 0.16 answers before it has, 3 seconds for 5,000; it then loads all of
// them in one go, so that one torrent proves that all are there. 0.9 answers only
// when it has loaded them.
const settlingTime = time.Minute

// mark is a method that we give a daemon, to know by its absence that it has
// started anew: nothing that it has of itself tells that for certain. Its process
// id is the same each time in a container.
const mark = "clarion.session"

// sight is what a daemon tells with every list: its mark, and how many torrents it
// holds.
type sight struct {
	mark string
	size int64
}

// session is what is known of a daemon since it started.
type session struct {
	settle time.Duration

	mu sync.Mutex
	// mark is the daemon's; "" if it has none.
	mark string
	// heardAt is since when we know it. Of one that takes no mark it is since when it
	// holds nothing; zero while it does.
	heardAt time.Time
	// seen are torrents that were there while it was young. If such a one is absent,
	// it was removed.
	seen map[domain.InfoHash]struct{}
	// size is how many torrents it held when last asked.
	size int64
	// revived: what it had forgotten has been made true again.
	revived bool
}

// calls are asked with every list. A daemon that is not known is given a mark,
// which it takes if it has none.
func (m *session) calls() []call {
	m.mu.Lock()
	defer m.mu.Unlock()
	calls := []call{{mark, nil}, command("view.size", "main")}
	if m.mark == "" {
		calls = append([]call{command("method.insert", mark, "string|const", rand.Text())}, calls...)
	}
	return calls
}

// readSight reads the answers to calls.
func readSight(results []result) (sight, error) {
	results = results[len(results)-2:]
	size, ok := results[1].value.integer()
	if results[1].err != nil {
		return sight{}, unavailable(results[1].err)
	}
	if !ok || size < 0 {
		return sight{}, nonsense(malformed("no number of torrents"))
	}
	// One without a mark refuses to tell it, and the text is then "".
	return sight{mark: string(results[0].value.text), size: size}, nil
}

// enter notes what was seen of a daemon at a moment, and reports whether it has
// started anew.
func (m *session) enter(s sight, now time.Time) (anew bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.size = s.size
	anew = m.heardAt.IsZero() || m.mark != s.mark
	if anew {
		m.mark, m.heardAt, m.revived = s.mark, now, false
		m.seen = make(map[domain.InfoHash]struct{})
	}
	if s.mark == "" && s.size > 0 {
		m.heardAt = time.Time{}
	}
	return anew
}

// needsAll reports whether all torrents are to be looked at, else how many there
// were last.
func (m *session) needsAll() (all bool, size int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.revived, m.size
}

// hasRevived notes that a daemon has been helped, once it has loaded its torrents.
func (m *session) hasRevived(s sight) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.revived = m.mark == s.mark && m.mark != "" && s.size > 0
}

// settled notes the transfers that are there, and reports whether the absence of
// others proves that they are not.
func (m *session) settled(s sight, now time.Time, transfers map[domain.InfoHash]domain.Transfer, absent []domain.InfoHash) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := !m.heardAt.IsZero() && now.Sub(m.heardAt) >= m.settle
	switch {
	case m.mark != s.mark: // somebody else has seen it start anew meanwhile
		return s.size > 0
	case old:
		m.seen = nil
	case m.mark != "":
		for hash := range transfers {
			m.seen[hash] = struct{}{}
		}
	}
	if s.size > 0 || old {
		return true
	}
	for _, hash := range absent {
		if _, seen := m.seen[hash]; !seen {
			return false
		}
	}
	return true
}
