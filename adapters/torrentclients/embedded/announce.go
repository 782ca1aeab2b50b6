package embedded

import (
	"time"

	"github.com/anacrolix/torrent"
)

// How the DHT is told and asked about torrents. A round costs some hundred
// packets, so thousands of torrents take turns.
const (
	announceEvery  = 15 * time.Minute
	announceFor    = time.Minute
	announceAtOnce = 8
)

// announce starts rounds for the torrents that are due. Private ones never are.
func (e *engine) announce(now time.Time) {
	servers := e.client.DhtServers()
	if len(servers) == 0 {
		return
	}
	for _, d := range e.all() {
		if e.announcing.Load() >= announceAtOnce {
			return
		}
		if handle := d.dueForDHT(now); handle != nil {
			e.announcing.Add(1)
			e.background(func() {
				for _, server := range servers {
					e.announceOnce(handle, server)
				}
				e.announced(d)
			})
		}
	}
}

// dueForDHT returns what to announce, if anything, and takes the turn.
func (d *download) dueForDHT(now time.Time) *torrent.Torrent {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.handle == nil || d.announcing || now.Before(d.announceAt) || d.layout != nil && d.layout.private {
		return nil
	}
	d.announcing = true
	return d.handle
}

// announceOnce runs one round; the library takes up the peers that it finds.
func (e *engine) announceOnce(handle *torrent.Torrent, server torrent.DhtServer) {
	done, stop, err := handle.AnnounceToDht(server)
	if err != nil {
		return
	}
	defer stop()
	timer := time.NewTimer(announceFor)
	defer timer.Stop()
	select {
	case <-done:
	case <-handle.Closed():
	case <-e.running.Done():
	case <-timer.C:
	}
}

func (e *engine) announced(d *download) {
	pause := announceEvery
	if e.peersOf(d) == 0 {
		pause = e.config.pace.lonely
	}
	d.mu.Lock()
	d.announcing, d.announceAt = false, time.Now().Add(pause)
	d.mu.Unlock()
	e.announcing.Add(-1)
}
