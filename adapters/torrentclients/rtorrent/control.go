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
	return c.each(ctx, hashes, only("d.stop"))
}

// Resume implements ports.TransferControl: what was stopped, and what was paused.
func (c *Client) Resume(ctx context.Context, hashes []domain.InfoHash) error {
	return c.each(ctx, hashes, resuming)
}

// resuming are the calls that let a torrent go on. One that the daemon has stopped
// by itself does not start before it is stopped by hand, too.
func resuming(h string) []call {
	return []call{{"branch", []any{h, "d.state=", "cat=", "d.stop="}}, {"d.start", []any{h}}, {"d.resume", []any{h}}}
}

// only makes a call of a method alone.
func only(method string) func(h string) []call {
	return func(h string) []call { return []call{{method, []any{h}}} }
}

// each makes calls for transfers, in one request. Those that are not there are
// passed over.
func (c *Client) each(ctx context.Context, hashes []domain.InfoHash, of func(h string) []call) error {
	hashes = slices.DeleteFunc(slices.Clone(hashes), domain.InfoHash.IsZero)
	for some := range slices.Chunk(hashes, batch) {
		var calls []call
		for _, hash := range some {
			calls = append(calls, of(target(hash))...)
		}
		if err := c.do(ctx, calls); err != nil {
			return err
		}
	}
	return nil
}

// do makes calls, if there are any. It is fine when a torrent is not there.
func (c *Client) do(ctx context.Context, calls []call) error {
	if len(calls) == 0 {
		return nil
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
	return nil
}
