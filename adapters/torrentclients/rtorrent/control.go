package rtorrent

import (
	"context"
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// batch bounds one request: the daemon serves nobody else meanwhile.
const batch = 500

// Pause implements ports.TransferControl. It is d.stop: d.pause is forgotten when
// the daemon restarts.
func (c *Client) Pause(ctx context.Context, hashes []domain.InfoHash) error {
	return c.each(ctx, hashes, "d.stop")
}

// Resume implements ports.TransferControl: what was stopped, and what was paused.
func (c *Client) Resume(ctx context.Context, hashes []domain.InfoHash) error {
	return c.each(ctx, hashes, "d.start", "d.resume")
}

// Verify implements ports.TransferControl.
func (c *Client) Verify(ctx context.Context, hashes []domain.InfoHash) error {
	return c.each(ctx, hashes, "d.check_hash")
}

// each calls methods on transfers, in one request. Those that are not there are
// passed over.
func (c *Client) each(ctx context.Context, hashes []domain.InfoHash, methods ...string) error {
	hashes = slices.DeleteFunc(slices.Clone(hashes), domain.InfoHash.IsZero)
	for some := range slices.Chunk(hashes, batch) {
		var calls []call
		for _, hash := range some {
			for _, method := range methods {
				calls = append(calls, call{method, []any{target(hash)}})
			}
		}
		answers, err := c.rpc.calls(ctx, calls...)
		if err != nil {
			return err
		}
		for _, answer := range answers {
			if answer.err != nil && !isUnknownHash(answer.err) {
				return unavailable(answer.err)
			}
		}
	}
	return nil
}
