package qbittorrent

import (
	"slices"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// oldestPicture bounds how long changes are added up.
const oldestPicture = time.Hour

// picture is what a daemon holds, kept up to date from what it says has
// changed. It is of the whole daemon, which tells of nothing less. The zero value
// is no picture.
type picture struct {
	// session is what the daemon keeps track of for, by rid; "" is no picture.
	session           string
	rid               int64
	takenAt, polledAt time.Time
	// torrents are by the daemon's own ids.
	torrents map[string]*torrent
	// ids are those that are not the infohash that we go by.
	ids map[domain.InfoHash]string
	// freeSpace is of the download folder; -1 if not told.
	freeSpace int64
}

// follows reports whether changes, heard now, bring p up to date.
func (p *picture) follows(session string, now time.Time) bool {
	return p.session != "" && p.session == session && within(p.takenAt, now, oldestPicture)
}

// within compares by both clocks: the monotonic one stands still while a
// machine sleeps, and the other one jumps.
func within(before, now time.Time, limit time.Duration) bool {
	wall := now.Round(0).Sub(before.Round(0))
	return now.Sub(before) < limit && wall < limit && wall >= 0
}

// update takes an answer to sync/maindata over. After an error p is of no use.
func (p *picture) update(got answer, asked time.Time) error {
	var touched []string
	var block []torrent
	data, err := readMaindata(got.body, func(id string, full bool) *torrent {
		if full && p.session != "" {
			*p = picture{}
		}
		if !full {
			touched = append(touched, id)
		}
		if t, known := p.torrents[id]; known {
			return t
		}
		if len(block) == cap(block) { // a list is kept in pieces, not one by one
			block = make([]torrent, 0, 64)
		}
		block = append(block, torrent{id: id})
		t := &block[len(block)-1]
		if p.torrents == nil {
			p.torrents = make(map[string]*torrent)
		}
		p.torrents[id] = t
		return t
	})
	switch {
	case err != nil:
		return err
	case data.full:
		torrents := p.torrents
		if p.session != "" { // it holds nothing
			torrents = nil
		}
		*p = picture{session: got.session, takenAt: asked, torrents: torrents, freeSpace: -1}
	case p.session == "" || p.session != got.session:
		return errNotTold
	}
	p.rid, p.polledAt = data.rid, asked
	if data.freeSpace >= 0 {
		p.freeSpace = data.freeSpace
	}
	for _, id := range data.removed {
		delete(p.torrents, id)
	}
	for _, id := range touched {
		if _, there := p.torrents[id]; !there {
			return errNotTold // both changed and removed, in whichever order
		}
	}
	p.nameIDs(data, touched)
	return nil
}

// nameIDs notes which torrents the daemon goes by another hash of.
func (p *picture) nameIDs(data maindata, touched []string) {
	if !data.full && len(data.removed) == 0 && !slices.ContainsFunc(touched, p.isAlias) {
		return
	}
	p.ids = make(map[domain.InfoHash]string)
	for id, t := range p.torrents {
		if t.v1 == "" || t.v1 == id {
			continue
		}
		if hash, err := t.infoHash(); err == nil {
			p.ids[hash] = id
		}
	}
}

func (p *picture) isAlias(id string) bool {
	t := p.torrents[id]
	return t != nil && t.v1 != "" && t.v1 != id
}

// of returns what the daemon holds under an infohash; nil for nothing.
func (p *picture) of(hash domain.InfoHash) *torrent {
	if id, other := p.ids[hash]; other {
		return p.torrents[id]
	}
	t := p.torrents[hash.String()]
	if t != nil && t.v1 != "" && t.v1 != hash.String() {
		return nil // a torrent of both versions is not asked for by the second
	}
	return t
}
