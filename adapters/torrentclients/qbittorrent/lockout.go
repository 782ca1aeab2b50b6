package qbittorrent

import (
	"sync"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// holdOffs are how long no login is tried after the first, second and every
// further one that was refused.
var holdOffs = []time.Duration{time.Minute, 10 * time.Minute, time.Hour}

// lockout keeps wrong credentials from shutting us out: qBittorrent bans an
// address for an hour after five of them, which it counts without forgetting any,
// and then the right ones are of no use either. So after the first it is asked
// ever more rarely, the fifth time after two hours; who insists gets one more try,
// since health pages insist, too. New credentials are a new client.
type lockout struct {
	now func() time.Time

	mu       sync.Mutex
	refusals int
	until    time.Time
	why      string
}

// holdOff errs while it is better not to log in.
func (l *lockout) holdOff(insist bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if insist && l.refusals < 2 {
		return nil
	}
	if wait := l.until.Sub(l.now()); wait > 0 {
		return domain.Unavailable(nil, "%s; tried again in %s", l.why, wait.Round(time.Second))
	}
	return nil
}

// refused notes a login that failed and returns the error that says why.
func (l *lockout) refused(why string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = l.now().Add(holdOffs[min(l.refusals, len(holdOffs)-1)])
	l.refusals++
	l.why = why
	return domain.Unavailable(nil, "%s", why)
}

func (l *lockout) welcome() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refusals, l.until = 0, time.Time{}
}
