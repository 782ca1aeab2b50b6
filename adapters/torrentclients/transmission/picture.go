package transmission

import (
	"strings"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// changesWindow is how far back a daemon tells what changed or went away: it
	// is 60 seconds by the daemon's clock, less some seconds of doubt.
	changesWindow = 55 * time.Second
	// oldestPicture bounds how long changes are added up: 3.00 does not count all
	// of them as activity. The daemon's session id changes about as often anyway.
	oldestPicture = time.Hour
)

// picture is what a daemon holds, kept up to date from what it says has
// changed. It is of the whole daemon, so that a torrent that is asked for the
// first time costs no further request. The zero value is no picture.
type picture struct {
	// session is the id under which it was taken; "" is no picture.
	session  string
	takenAt  time.Time
	polledAt time.Time
	// transfers are by the text of their infohash, and do not name it themselves:
	// so those that nobody asks for cost the least.
	transfers map[string]*domain.Transfer
	// hashes are by the daemon's own numbers, which are good for one session.
	hashes map[int64]string
}

// follows reports whether the changes of the last minute, heard now, bring p up
// to date.
func (p *picture) follows(session string, now time.Time) bool {
	return p.session != "" && p.session == session &&
		within(p.polledAt, now, changesWindow) && within(p.takenAt, now, oldestPicture)
}

// within compares by both clocks: the monotonic one stands still while a
// machine sleeps, and the other one jumps.
func within(before, now time.Time, limit time.Duration) bool {
	wall := now.Round(0).Sub(before.Round(0))
	return now.Sub(before) < limit && wall < limit && wall >= 0
}

// take replaces p by a full list, asked for at the given moment.
func (p *picture) take(session string, list torrentList, asked time.Time) {
	*p = picture{
		session: session, takenAt: asked,
		transfers: make(map[string]*domain.Transfer, len(list.torrents)),
		hashes:    make(map[int64]string, len(list.torrents)),
	}
	p.add(list, asked)
}

// add brings p up to date with a list of changes, asked for at the given moment.
func (p *picture) add(list torrentList, asked time.Time) {
	p.polledAt = asked
	// What was removed and added again is in both lists, with another number.
	for _, id := range list.removed {
		delete(p.transfers, p.hashes[id])
		delete(p.hashes, id)
	}
	transfers := make([]domain.Transfer, len(list.torrents))
	for i := range list.torrents {
		t := &list.torrents[i]
		hash := strings.ToLower(t.hash)
		transfers[i] = t.transfer()
		p.transfers[hash] = &transfers[i]
		p.hashes[t.id] = hash
	}
}

// of returns the transfer of an infohash, if the daemon holds it.
func (p *picture) of(hash domain.InfoHash) (transfer domain.Transfer, found bool) {
	known, found := p.transfers[hash.String()]
	if !found {
		return transfer, false
	}
	transfer = *known
	transfer.InfoHash = hash
	return transfer, true
}
