package deluge

import (
	"context"
	"path"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// A daemon says nothing when it cannot move something at all; it stays as it is.
// Whether it has begun, or failed soon, is seen within:
const (
	moveLook  = 100 * time.Millisecond
	moveLooks = 20
)

// checkFolder refuses what the daemon would take for a folder below the one that it
// was started in.
func checkFolder(folder string) error {
	_, err := domain.ParseFolder("folder", folder)
	return err
}

// move has the data of a transfer moved and waits until that has begun.
func (c *Client) move(ctx context.Context, hash domain.InfoHash, folder string) error {
	moving := call{method: "core.move_storage", arguments: []any{[]string{hash.String()}, folder}}
	if err := c.tell(ctx, hash, moving); err != nil {
		return err
	}
	ticker := time.NewTicker(moveLook)
	defer ticker.Stop()
	for range moveLooks {
		held, err := c.place(ctx, hash)
		switch {
		case err != nil:
			return err
		case held.state == stateMoving || path.Clean(held.folder) == path.Clean(folder):
			return nil
		case held.state == stateError:
			return domain.Conflict("deluge could not move the data: %s", shorten(held.message))
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return c.rpc.explain(ctx, ctx, ctx.Err())
		}
	}
	return domain.Invalid("folder", "is refused by deluge: it can neither find nor make it")
}
