package transmission

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// settlingTime is how long a daemon that has started may still be loading its
// torrents: 3.00 answers before it has, 2 seconds for 10,000 on a fast disk.
const settlingTime = time.Minute

// sessionMemory is what is known of the daemon's present session: whether it
// may still be loading, and what it has loaded for certain.
type sessionMemory struct {
	// settle is how long it may be loading.
	settle time.Duration

	mu sync.Mutex
	id string
	// heardAt is when we first heard of the session; the daemon is at least that
	// old.
	heardAt time.Time
	// started is when the daemon started, once it was asked.
	started time.Time
	// seen are torrents that were there while the daemon was young. If such a one
	// is absent, it was removed.
	seen map[domain.InfoHash]struct{}
}

// enter forgets what was known of another session. It is called under mu.
func (m *sessionMemory) enter(session string, now time.Time) {
	if m.heardAt.IsZero() || m.id != session || session == "" {
		m.id, m.heardAt, m.started = session, now, time.Time{}
		m.seen = make(map[domain.InfoHash]struct{})
	}
}

// saw notes that torrents are there.
func (m *sessionMemory) saw(session string, now time.Time, transfers map[domain.InfoHash]domain.Transfer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.enter(session, now)
	if m.seen == nil || now.Sub(m.heardAt) >= m.settle {
		m.seen = nil
		return
	}
	for hash := range transfers {
		m.seen[hash] = struct{}{}
	}
}

// settled reports whether the absence of torrents from a list asked for at a
// moment proves that they are not there; known is false when that takes asking
// the daemon for its age.
func (m *sessionMemory) settled(session string, asked time.Time, absent []domain.InfoHash) (settled, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if session == "" || m.id != session {
		return false, false
	}
	if asked.Sub(m.heardAt) >= m.settle {
		return true, true
	}
	if !m.started.IsZero() && asked.Sub(m.started) >= m.settle {
		return true, true
	}
	for _, hash := range absent {
		if _, seen := m.seen[hash]; !seen {
			return false, !m.started.IsZero()
		}
	}
	return true, true
}

func (m *sessionMemory) start(session string, started time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.id == session {
		m.started = started
	}
}

// settling reports whether a list asked for at a moment may lack torrents since
// the daemon had just started.
func (c *Client) settling(ctx context.Context, session string, asked time.Time, absent []domain.InfoHash) (bool, error) {
	if len(absent) == 0 {
		return false, nil
	}
	if settled, known := c.memory.settled(session, asked, absent); known {
		return !settled, nil
	}
	age, at, err := c.age(ctx)
	if err != nil {
		return false, err
	}
	if at.session != session {
		return true, nil // it has started again in between
	}
	started := c.now().Add(-age)
	c.memory.start(session, started)
	return asked.Sub(started) < c.memory.settle, nil
}

// age asks how long the daemon has been running. One that cannot tell counts as
// old.
func (c *Client) age(ctx context.Context) (time.Duration, handshake, error) {
	type session struct {
		Legacy  *int64 `json:"secondsActive"`
		Seconds *int64 `json:"seconds_active"`
	}
	var stats struct {
		Legacy  session `json:"current-stats"`
		Current session `json:"current_stats"`
	}
	answer, at, err := c.rpc.call(ctx, func(at handshake) (string, map[string]any) {
		return at.dialect.sessionStats, map[string]any{}
	})
	if _, refused := errors.AsType[*refusal](err); refused {
		return c.memory.settle, at, nil
	}
	if err == nil {
		err = decode(answer, &stats)
	}
	if err != nil {
		return 0, at, err
	}
	for _, seconds := range []*int64{stats.Legacy.Legacy, stats.Current.Seconds} {
		if seconds != nil && *seconds >= 0 && *seconds < longestETA {
			return time.Duration(*seconds) * time.Second, at, nil
		}
	}
	return c.memory.settle, at, nil
}
