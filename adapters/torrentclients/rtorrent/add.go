package rtorrent

import (
	"context"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// addPatience is how long a torrent may take to appear. The daemon answers 0 to
	// all that it is given to load, at once, and loads it a moment later, or not.
	addPatience = 5 * time.Second
	// addDoubt is when it is asked why a magnet does not appear.
	addDoubt = 500 * time.Millisecond
	// The pauses between two looks, which grow.
	addFirstPause = 10 * time.Millisecond
	addLastPause  = 250 * time.Millisecond
)

// Add implements ports.TorrentClient.
func (c *Client) Add(ctx context.Context, handover domain.Handover) (domain.InfoHash, error) {
	hash := handover.InfoHash()
	switch {
	case handover.Magnet.IsZero():
		return hash, domain.Invalid("magnetURI", "is required")
	case !handover.Magnet.HasV1():
		return domain.InfoHash{}, domain.Invalid("magnetURI", "names a torrent of version 2 only, which rtorrent does not know")
	}
	begin, err := c.beginning(hash, handover.Settings)
	if err == nil && handover.Metainfo == nil && handover.Settings.Unwanted != nil {
		err = unknownFiles(hash)
	}
	if err != nil {
		return domain.InfoHash{}, err
	}
	c.lost.forget(hash)
	held, err := c.holds(ctx, hash)
	if !held && err == nil {
		err = c.hand(ctx, handover, begin)
	}
	if err != nil {
		return domain.InfoHash{}, err
	}
	return hash, nil
}

// hand gives a torrent to the daemon that it does not hold.
func (c *Client) hand(ctx context.Context, handover domain.Handover, begin beginning) error {
	if err := c.prepare(ctx, handover, begin); err != nil {
		return err
	}
	if _, err := c.rpc.call(ctx, load(handover, begin)); err != nil {
		return unavailable(err)
	}
	return c.welcome(ctx, handover)
}

// welcome sees a torrent through that the daemon has been told to load.
func (c *Client) welcome(ctx context.Context, handover domain.Handover) error {
	if err := c.awaitAdded(ctx, handover); err != nil {
		return err
	}
	return c.finishAdding(ctx, handover)
}

// load gives the torrent to the daemon, with commands that it runs when it has
// loaded it; those of a magnet a second time when it has the metadata.
func load(handover domain.Handover, begin beginning) call {
	method, what := "load.start", any(link(handover.Magnet))
	switch {
	case handover.Metainfo != nil && startsLater(handover):
		method, what = "load.raw", handover.Metainfo
	case handover.Metainfo != nil:
		method, what = "load.raw_start", handover.Metainfo
	}
	load := command(method, what)
	for _, command := range begin.commands {
		load.params = append(load.params, command)
	}
	return load
}

// prepare makes ready what a torrent needs when it is loaded.
func (c *Client) prepare(ctx context.Context, handover domain.Handover, begin beginning) error {
	if err := c.makeRoom(ctx, handover.Metainfo); err != nil {
		return err
	}
	if len(begin.throttle) > 0 {
		if err := c.limited(ctx); err != nil {
			return err
		}
	}
	for _, call := range begin.throttle {
		if _, err := c.rpc.call(ctx, call); err != nil {
			return unavailable(err)
		}
	}
	return nil
}

// startsLater reports whether a .torrent file is loaded without starting it. A
// magnet never is: the daemon would not start what becomes of it either, whatever
// it has been told meanwhile. So that is stopped as soon as it is there.
func startsLater(handover domain.Handover) bool {
	return handover.Paused || handover.Settings.Unwanted != nil
}

// finishAdding does what only a torrent that is there can be told.
func (c *Client) finishAdding(ctx context.Context, handover domain.Handover) error {
	hash := handover.InfoHash()
	switch {
	case handover.Metainfo == nil && handover.Paused:
		return c.Pause(ctx, []domain.InfoHash{hash})
	case handover.Settings.Unwanted == nil:
		return nil
	}
	t, err := c.find(ctx, hash)
	if err == nil {
		err = t.accepts(handover.Settings)
	}
	if err == nil {
		err = c.selectFiles(ctx, hash, *handover.Settings.Unwanted)
	}
	if err != nil || handover.Paused {
		return err
	}
	return c.Resume(ctx, []domain.InfoHash{hash})
}

// holds reports whether a torrent is there.
func (c *Client) holds(ctx context.Context, hash domain.InfoHash) (bool, error) {
	answer, err := c.rpc.call(ctx, call{"d.hash", []any{target(hash)}})
	switch {
	case isUnknownHash(err):
		return false, nil
	case err != nil:
		return false, unavailable(err)
	case string(answer.text) != target(hash):
		return false, nonsense(malformed("another torrent"))
	}
	return true, nil
}

// awaitAdded waits until a torrent is there.
func (c *Client) awaitAdded(ctx context.Context, handover domain.Handover) error {
	begun, pause, doubted := time.Now(), addFirstPause, false
	for {
		if held, err := c.holds(ctx, handover.InfoHash()); held || err != nil {
			return err
		}
		waited := time.Since(begun)
		if waited > addDoubt && !doubted {
			doubted = true
			if err := c.doubt(ctx, handover); err != nil {
				return err
			}
		}
		if waited > addPatience && handover.Metainfo != nil {
			return domain.Invalid("file", "is refused by rtorrent; its log tells why")
		} else if waited > addPatience {
			return domain.Invalid("magnetURI", "is refused by rtorrent; its log tells why")
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-c.rpc.closed:
			timer.Stop()
			return errClosed()
		case <-ctx.Done():
			timer.Stop()
			return c.rpc.explain(ctx, ctx, ctx.Err())
		}
		pause = min(2*pause, addLastPause)
	}
}

// doubt knows why a magnet is not taken: 0.9 drops those that name no tracker when
// it could find peers by its DHT only, and that is off.
func (c *Client) doubt(ctx context.Context, handover domain.Handover) error {
	if handover.Metainfo != nil || len(handover.Magnet.Trackers()) > 0 {
		return nil
	}
	answers, err := c.rpc.calls(ctx, call{"dht.statistics", nil}, call{"system.client_version", nil})
	if err == nil {
		err = all(answers)
	}
	if err != nil {
		return err
	}
	active, ok := answers[0].value.member("active").integer()
	if ok && active == 0 && is09(answers[1].value) {
		return domain.Invalid("magnetURI", "is refused by rtorrent: it names no tracker (tr=), and the DHT of rtorrent is off")
	}
	return nil
}
