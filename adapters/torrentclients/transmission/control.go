package transmission

import (
	"context"
	"slices"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// 3.00 starts a torrent that has just been added, or is being verified, when that is
	// done, although it was stopped meanwhile. So it is looked at so often, and after
	// such a time, whether it has.
	pauseLooks    = 4
	pauseInterval = 50 * time.Millisecond
)

// Pause implements ports.TransferControl. With 4.1 it is one request.
func (c *Client) Pause(ctx context.Context, hashes []domain.InfoHash) error {
	err := c.control(ctx, "torrent-stop", hashes)
	for look := 0; err == nil && look < pauseLooks && c.rpc.handshake().dialect == legacy; look++ {
		var running []domain.InfoHash
		if running, err = c.running(ctx, hashes); err != nil || len(running) == 0 {
			return err
		}
		err = c.control(ctx, "torrent-stop", running)
	}
	return err
}

// running are those of hashes that are not stopped in a moment.
func (c *Client) running(ctx context.Context, hashes []domain.InfoHash) ([]domain.InfoHash, error) {
	hashes = named(hashes)
	if len(hashes) == 0 {
		return nil, nil
	}
	moment := time.NewTimer(pauseInterval)
	defer moment.Stop()
	select {
	case <-moment.C:
	case <-ctx.Done():
		return nil, c.rpc.explain(ctx, ctx, ctx.Err())
	}
	list, _, err := c.list(ctx, fieldReport, func(handshake) any { return hashes })
	if err != nil {
		return nil, unavailable(err)
	}
	var running []domain.InfoHash
	for i := range list.torrents {
		hash, err := domain.ParseInfoHash(list.torrents[i].hash)
		if err == nil && list.torrents[i].status != statusStopped {
			running = append(running, hash)
		}
	}
	return running, nil
}

// Resume implements ports.TransferControl.
func (c *Client) Resume(ctx context.Context, hashes []domain.InfoHash) error {
	return c.control(ctx, "torrent-start", hashes)
}

// Verify implements ports.TransferControl.
func (c *Client) Verify(ctx context.Context, hashes []domain.InfoHash) error {
	return c.control(ctx, "torrent-verify", hashes)
}

// control does one thing with several transfers, in one request. Without ids it
// would be done with all: so they are always there.
func (c *Client) control(ctx context.Context, method string, hashes []domain.InfoHash) error {
	hashes = named(hashes)
	if len(hashes) == 0 {
		return nil
	}
	_, _, err := c.rpc.call(ctx, func(at handshake) (string, map[string]any) {
		return at.dialect.spell(method), map[string]any{"ids": hashes}
	})
	return unavailable(err)
}

// named are those of hashes that name something.
func named(hashes []domain.InfoHash) []domain.InfoHash {
	return slices.DeleteFunc(slices.Clone(hashes), domain.InfoHash.IsZero)
}
