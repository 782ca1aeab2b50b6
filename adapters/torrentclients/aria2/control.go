package aria2

import (
	"context"
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// Pause implements ports.TransferControl, in two requests for any number. It does
// not wait for trackers to be told. What has stopped by itself stays as it is.
func (c *Client) Pause(ctx context.Context, hashes []domain.InfoHash) error {
	return c.each(ctx, hashes, func(d *download) ([]request, verdict) {
		if d.state != stateActive && d.state != stateWaiting {
			return nil, fine
		}
		calls := []request{{"aria2.forcePause", []any{d.gid}}}
		if d.verified() {
			// That need not be done again each time it goes on. Given while it is being
			// paused, the option waits for that.
			calls = append(calls, change(d, map[string]string{"check-integrity": "false"}))
		}
		return calls, fine
	})
}

// Resume implements ports.TransferControl, in two requests for any number, and two
// more for those that an error has stopped: they are begun anew. What has stopped at
// its ratio has nothing to go on with and stays as it is.
func (c *Client) Resume(ctx context.Context, hashes []domain.InfoHash) error {
	return c.each(ctx, hashes, func(d *download) ([]request, verdict) {
		switch d.state {
		case statePaused:
			return []request{{"aria2.unpause", []any{d.gid}}}, fine
		case stateError:
			return nil, anew
		}
		return nil, fine
	})
}

// Verify implements ports.TransferControl, at the cost of Resume. aria2 verifies what
// it starts: so what runs is started anew, and what is paused is verified when it
// goes on. KindConflict, after all others have been seen to, for what has stopped at
// its ratio, since that cannot be started.
func (c *Client) Verify(ctx context.Context, hashes []domain.InfoHash) error {
	return c.each(ctx, hashes, func(d *download) ([]request, verdict) {
		switch {
		case d.state == stateError:
			return nil, anew
		case d.state.stopped():
			return nil, over
		case d.verifying || !d.hasInfo:
			return nil, fine // it is under way, or there is nothing to verify
		}
		return []request{change(d, map[string]string{"check-integrity": "true"})}, fine
	})
}

// change is the call that changes options of a download. Where that needs a new
// start, the daemon sees to it.
func change(d *download, options map[string]string) request {
	return request{"aria2.changeOption", []any{d.gid, options}}
}

// ours reports whether it was added by this product, or follows what was.
func (d *download) ours() bool {
	return len(d.hash) == 40 && (d.gid == d.hash[:16] || d.following == d.hash[:16])
}

// verdict says what else is to be done about a download.
type verdict int

const (
	fine verdict = iota
	// anew: begin it anew.
	anew
	// over: nothing can be done.
	over
)

// verified reports whether it has been, since we added it: then it runs, and is not
// at it.
func (d *download) verified() bool {
	return d.state == stateActive && d.sized() && !d.verifying && d.ours()
}

// each makes the calls that it takes for each of some torrents, in one request after
// the one that finds them.
func (c *Client) each(ctx context.Context, hashes []domain.InfoHash, do func(*download) ([]request, verdict)) error {
	hashes = slices.DeleteFunc(slices.Clone(hashes), domain.InfoHash.IsZero)
	if len(hashes) == 0 {
		return nil
	}
	list, err := c.look(ctx, detailKeys)
	if err != nil {
		return err
	}
	var calls []request
	var stopped []*download
	var finally error
	for _, hash := range hashes {
		d := list.of(hash)
		if d == nil {
			continue
		}
		some, verdict := do(d)
		calls = append(calls, some...)
		switch verdict {
		case anew:
			stopped = append(stopped, d)
		case over:
			finally = domain.Conflict("aria2 has stopped %s for good; remove it and add it again", hash)
		}
	}
	for batch := range slices.Chunk(calls, batchSize) {
		// What is refused was in another state by then: somebody else was faster.
		if _, err := c.rpc.all(ctx, batch, maxAnswer); err != nil {
			return unavailable(err)
		}
	}
	if err := c.beginAnew(ctx, list, stopped); err != nil {
		return err
	}
	return finally
}
