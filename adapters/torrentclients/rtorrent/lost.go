package rtorrent

import (
	"context"
	"maps"
	"sync"

	"github.com/clarion-app/download-manager/domain"
)

// lostTorrent is a magnet that was taken out to be loaded anew, and may not have been
// loaded.
type lostTorrent struct {
	handover domain.Handover
	begin    beginning
}

// lost are those that are to be handed back before anything is told of what the
// daemon holds: else it would look as if somebody had removed them.
type lost struct {
	mu       sync.Mutex
	torrents map[domain.InfoHash]lostTorrent
}

func (l *lost) keep(hash domain.InfoHash, torrent lostTorrent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.torrents == nil {
		l.torrents = map[domain.InfoHash]lostTorrent{}
	}
	l.torrents[hash] = torrent
}

// forget leaves a torrent to whoever adds it, or has removed it.
func (l *lost) forget(hash domain.InfoHash) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.torrents, hash)
}

func (l *lost) all() map[domain.InfoHash]lostTorrent {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.torrents)
}

// restore hands back what was lost. What the daemon refuses stays out of it.
func (c *Client) restore(ctx context.Context) error {
	for hash, torrent := range c.lost.all() {
		err := c.handBack(ctx, torrent)
		if err != nil && domain.KindOf(err) != domain.KindInvalid {
			return err
		}
		c.lost.forget(hash)
	}
	return nil
}

// handBack gives a torrent to the daemon again, if it is not there.
func (c *Client) handBack(ctx context.Context, torrent lostTorrent) error {
	held, err := c.holds(ctx, torrent.handover.InfoHash())
	switch {
	case err != nil:
		return err
	case held:
		return c.finishAdding(ctx, torrent.handover)
	}
	return c.hand(ctx, torrent.handover, torrent.begin)
}
