package deluge

import (
	"time"
)

// settlingTime is when a daemon is taken to have loaded its torrents even though its
// numbers do not add up: an account of a lower level does not see all of them.
const settlingTime = time.Minute

// loading is what is known about whether a daemon has loaded its torrents. At first
// it answers without any. A connection does not outlive its daemon, so what is once
// known is so as long as the connection lasts. It is used under the connection's mu.
//
// The BitTorrent session below the daemon is given all torrents before the first
// request is served, and it counts them; the daemon knows of each a little later. The
// counts are told twice a second with a number of ticks. The first ones may be
// from before the torrents were given; the next ones are not.
type loading struct {
	done bool
	tick int64
}

// The statistics that are asked for: ticks, and how many torrents there are in each
// state, of which every torrent has one.
const statTicks = "net.on_tick_counter"

var statistics = []string{
	statTicks, "ses.num_checking_torrents", "ses.num_stopped_torrents", "ses.num_upload_only_torrents", "ses.num_downloading_torrents",
	"ses.num_seeding_torrents", "ses.num_queued_seeding_torrents", "ses.num_queued_download_torrents", "ses.num_error_torrents",
}

// loadingCalls ask what loaded reads. They come before the list that they are to
// vouch for.
func loadingCalls() []call {
	return []call{
		{method: "core.get_session_status", arguments: []any{statistics}},
		{method: "core.get_session_state"},
	}
}

// loaded reports whether all torrents are known to have been loaded.
func (c *connection) loaded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.loading.done
}

// learn takes the answers to loadingCalls in and reports whether the torrents had
// been loaded by then.
func (c *connection) learn(answers []answer, now time.Time) (bool, error) {
	var tick, counted, known int64
	err := answers[0].read(func(r *reader) error {
		return r.dict(func(key []byte) error {
			value, _, err := r.number()
			if string(key) == statTicks {
				tick = value
			} else {
				counted += value
			}
			return err
		})
	})
	if err != nil {
		return false, err
	}
	if err := answers[1].read(func(r *reader) error {
		return r.list(func() error {
			known++
			return r.skip()
		})
	}); err != nil {
		return false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	l := &c.loading
	switch {
	case l.done:
	case now.Sub(c.since) >= settlingTime:
		l.done = true
	case l.tick == 0:
		l.tick = tick
	case tick != l.tick && counted == known:
		l.done = true
	}
	return l.done, nil
}
