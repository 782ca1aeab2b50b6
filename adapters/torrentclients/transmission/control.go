package transmission

import (
	"context"
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// Pause implements ports.TransferControl.
func (c *Client) Pause(ctx context.Context, hashes []domain.InfoHash) error {
	return c.control(ctx, "torrent-stop", hashes)
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
	hashes = slices.DeleteFunc(slices.Clone(hashes), domain.InfoHash.IsZero)
	if len(hashes) == 0 {
		return nil
	}
	_, _, err := c.rpc.call(ctx, func(at handshake) (string, map[string]any) {
		return at.dialect.spell(method), map[string]any{"ids": hashes}
	})
	return unavailable(err)
}
