package rtorrent

import (
	"context"
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// verified is the custom value that marks a torrent that was running when we had it
// verified.
const verified = "clarion.verify"

// Verify implements ports.TransferControl. The daemon stops what it finds to be
// damaged; what was running is marked, so as to be started again then.
func (c *Client) Verify(ctx context.Context, hashes []domain.InfoHash) error {
	hashes = slices.DeleteFunc(slices.Clone(hashes), domain.InfoHash.IsZero)
	for some := range slices.Chunk(hashes, batch) {
		var ask, calls []call
		for _, hash := range some {
			ask = append(ask, call{"d.state", []any{target(hash)}})
		}
		answers, err := c.rpc.calls(ctx, ask...)
		if err != nil {
			return err
		}
		for i, hash := range some {
			if isUnknownHash(answers[i].err) {
				continue
			}
			mark := ""
			if counted(answers[i].value) != 0 {
				mark = "1"
			}
			calls = append(calls, call{"d.custom.set", []any{target(hash), verified, mark}}, call{"d.check_hash", []any{target(hash)}})
		}
		if err := c.do(ctx, calls); err != nil {
			return err
		}
	}
	return nil
}

// mend lets torrents go on that the daemon has found to be damaged when we had them
// verified, and has stopped. What it says of that is soon overwritten by what a
// tracker says.
func (c *Client) mend(ctx context.Context, rows []row) error {
	var calls []call
	for i := range rows {
		r := &rows[i]
		if !r.verified || r.hashing != 0 {
			continue
		}
		calls = append(calls, call{"d.custom.set", []any{target(r.hash), verified, ""}})
		if !r.started && !r.complete {
			calls = append(calls, resuming(target(r.hash))...)
			r.started, r.active, r.message = true, true, ""
		}
	}
	return c.do(ctx, calls)
}
