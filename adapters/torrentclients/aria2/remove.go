package aria2

import (
	"context"
	"slices"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// batchSize bounds the calls of one request: a daemon does nothing else meanwhile,
	// and takes 2 MB at a time.
	batchSize = 1000
	// politeness is how long a download may take its leave of its trackers.
	politeness = 2 * time.Second
	// between is the pause before looking again.
	between = 50 * time.Millisecond
)

// Remove implements ports.TorrentClient. Nothing in the protocol deletes a file, so
// that removing with the data is refused, and who asks decides.
func (c *Client) Remove(ctx context.Context, hashes []domain.InfoHash, deleteData bool) error {
	hashes = slices.DeleteFunc(slices.Clone(hashes), domain.InfoHash.IsZero)
	switch {
	case len(hashes) == 0:
		return nil
	case deleteData:
		return domain.Lacks(Type, domain.CapabilityDeleteData)
	}
	return c.takeOut(ctx, hashes)
}

// takeOut ends all downloads of some torrents, waits until they have stopped, and
// clears what the daemon remembers of them: else that is what is seen when they are
// added again, and a session would bring them back.
func (c *Client) takeOut(ctx context.Context, hashes []domain.InfoHash) error {
	unwanted := make(map[string]bool, len(hashes))
	for _, hash := range hashes {
		unwanted[hash.String()] = true
	}
	bounded, cancel := c.rpc.bound(ctx)
	defer cancel()
	defer c.memory.forget()
	began := time.Now()
	for {
		list, err := c.look(ctx, keys)
		if err != nil {
			return err
		}
		running, calls := removals(list.all, unwanted, time.Since(began) > politeness)
		for batch := range slices.Chunk(calls, batchSize) {
			// What is refused has changed in between: the next look tells.
			if _, err := c.rpc.all(ctx, batch, maxAnswer); err != nil {
				return unavailable(err)
			}
		}
		if !running {
			return nil
		}
		pause := time.NewTimer(between)
		select {
		case <-pause.C:
		case <-bounded.Done():
			pause.Stop()
			if ctx.Err() == nil && !c.rpc.isClosed() {
				return domain.Unavailable(nil, "aria2 does not stop what is to be removed")
			}
			return c.rpc.explain(ctx, bounded, bounded.Err())
		}
	}
}

// removals are the calls that bring the end of some torrents nearer; running tells
// whether more will be needed.
func removals(all []download, unwanted map[string]bool, force bool) (running bool, calls []request) {
	method := "aria2.remove"
	if force {
		method = "aria2.forceRemove"
	}
	for i := range all {
		d := &all[i]
		switch {
		case !unwanted[d.hash]:
		case d.state.stopped():
			calls = append(calls, request{"aria2.removeDownloadResult", []any{d.gid}})
		default:
			running = true
			calls = append(calls,
				// Or its control file would stay beside the finished data.
				request{"aria2.changeOption", []any{d.gid, map[string]string{"force-save": "false"}}},
				request{method, []any{d.gid}},
			)
		}
	}
	return running, calls
}
