package transmission

import (
	"sync"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const (
	freeRefusals   = 5
	firstHoldOff   = 10 * time.Second
	longestHoldOff = 15 * time.Minute
)

// lockout keeps wrong credentials from locking everybody out: after a hundred
// of them Transmission 3.00 answers 403 to all until it is restarted, which a
// check every few seconds would reach in minutes. So after the first few the
// daemon is asked ever more rarely. New credentials are a new client.
type lockout struct {
	now func() time.Time

	mu       sync.Mutex
	refusals int
	until    time.Time
}

// holdOff errs while the daemon is better not asked.
func (l *lockout) holdOff() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait := l.until.Sub(l.now()); wait > 0 {
		return domain.Unavailable(nil, "transmission answered 401: wrong username or password; asked again in %s", wait.Round(time.Second))
	}
	return nil
}

func (l *lockout) refused() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refusals++
	if n := l.refusals - freeRefusals; n > 0 {
		l.until = l.now().Add(min(firstHoldOff<<min(n-1, 10), longestHoldOff))
	}
}

func (l *lockout) welcome() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refusals, l.until = 0, time.Time{}
}
