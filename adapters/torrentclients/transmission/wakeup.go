package transmission

import (
	"context"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// stopPatience is how long a stop is waited for, and stopInterval how often it is
	// asked about: the daemon takes it on, and a start that comes before it is done is lost.
	stopPatience = 5 * time.Second
	stopInterval = 50 * time.Millisecond
)

// wakeUp makes 4.1 fetch what is wanted newly of a torrent that was finished: by
// itself it does not until it is started again (transmission/transmission#8332). held
// is how the torrent was before.
func (c *Client) wakeUp(ctx context.Context, hash domain.InfoHash, held object) error {
	var status, left int64
	if err := held.read(targets{"status": &status, "leftUntilDone": &left}); err != nil || held.dialect != jsonRPC {
		return err
	}
	only := []domain.InfoHash{hash}
	switch {
	case status != statusStopped && left == 0:
		c.halted.put(hash)
		if err := c.Pause(ctx, only); err != nil {
			return err
		}
		if err := c.awaitStop(ctx, hash); err != nil {
			return err
		}
	case !c.halted.has(hash):
		return nil
	}
	if err := c.Resume(ctx, only); err != nil {
		return err
	}
	c.halted.drop(hash)
	return nil
}

// awaitStop waits until a torrent has stopped, though not for long.
func (c *Client) awaitStop(ctx context.Context, hash domain.InfoHash) error {
	patience := time.NewTimer(stopPatience)
	defer patience.Stop()
	again := time.NewTicker(stopInterval)
	defer again.Stop()
	for {
		held, err := c.inside(ctx, hash, "status")
		if err != nil {
			return err
		}
		status := int64(statusStopped)
		if err := held.read(targets{"status": &status}); err != nil || status == statusStopped {
			return err
		}
		select {
		case <-again.C:
		case <-patience.C:
			return nil
		case <-ctx.Done():
			return c.rpc.explain(ctx, ctx, ctx.Err())
		}
	}
}
