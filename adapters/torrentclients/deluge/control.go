package deluge

import (
	"context"
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// controlBatch bounds one message.
const controlBatch = 500

// Pause implements ports.TransferControl.
func (c *Client) Pause(ctx context.Context, hashes []domain.InfoHash) error {
	return c.each(ctx, hashes, func(id string) call {
		return call{method: "core.pause_torrent", arguments: []any{id}}
	})
}

// Resume implements ports.TransferControl.
func (c *Client) Resume(ctx context.Context, hashes []domain.InfoHash) error {
	return c.each(ctx, hashes, func(id string) call {
		return call{method: "core.resume_torrent", arguments: []any{id}}
	})
}

// Verify implements ports.TransferControl. What is paused is so again afterwards.
func (c *Client) Verify(ctx context.Context, hashes []domain.InfoHash) error {
	return c.each(ctx, hashes, func(id string) call {
		return call{method: "core.force_recheck", arguments: []any{[]string{id}}}
	})
}

// each makes a call for every torrent, many in one message. The daemon's own calls
// for lists stop at the first torrent that is not there, and take no torrents for
// all of them. Before each call the daemon is made to look at the torrent: what it
// does depends on whether that is paused, and it would go by what it knew seconds
// ago. (A verification right after a pause would end in downloading.)
func (c *Client) each(ctx context.Context, hashes []domain.InfoHash, do func(id string) call) error {
	hashes = slices.DeleteFunc(slices.Clone(hashes), domain.InfoHash.IsZero)
	for batch := range slices.Chunk(hashes, controlBatch) {
		calls := make([]call, 0, 2*len(batch))
		for _, hash := range batch {
			look := call{method: "core.get_torrent_status", arguments: []any{hash.String(), []string{"paused"}}}
			calls = append(calls, look, do(hash.String()))
		}
		answers, err := c.rpc.call(ctx, calls...)
		if err != nil {
			return unavailable(err)
		}
		for _, answer := range answers {
			if err := answer.read((*reader).skip); err != nil && !refused(err, "KeyError") {
				return unavailable(err)
			}
		}
	}
	return nil
}
