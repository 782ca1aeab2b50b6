package qbittorrent

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// batch bounds one request: a daemon does nothing else meanwhile.
const batch = 1000

// ofAll has something done to those of hashes that the daemon holds. Never
// without ids, nor with "all", which is everything to a daemon.
func (c *Client) ofAll(ctx context.Context, hashes []domain.InfoHash, what func(ids string) call) error {
	for some := range slices.Chunk(hashes, batch) {
		ids, err := c.ids(ctx, some)
		if err == nil && len(ids) > 0 {
			_, err = c.api.do(ctx, what(strings.Join(ids, "|")))
		}
		if err != nil {
			return unavailable(err)
		}
	}
	return nil
}

// Pause implements ports.TransferControl.
func (c *Client) Pause(ctx context.Context, hashes []domain.InfoHash) error {
	return c.switched(ctx, hashes, "torrents/stop", "torrents/pause")
}

// Resume implements ports.TransferControl.
func (c *Client) Resume(ctx context.Context, hashes []domain.InfoHash) error {
	return c.switched(ctx, hashes, "torrents/start", "torrents/resume")
}

// switched has what 5.x and 4.x call differently done: a daemon does not know
// the other's word.
func (c *Client) switched(ctx context.Context, hashes []domain.InfoHash, new, old string) error {
	attempt := func() (pauses bool, err error) {
		pauses = c.pauses.Load()
		return pauses, c.ofAll(ctx, hashes, func(ids string) call {
			path := new
			if pauses {
				path = old
			}
			return post(path, url.Values{"hashes": {ids}})
		})
	}
	pauses, err := attempt()
	if _, unknown := refused(err, http.StatusNotFound); unknown {
		c.pauses.Store(!pauses)
		_, err = attempt()
	}
	return err
}

// Verify implements ports.TransferControl. A torrent without metadata has
// nothing to verify, and stays as it is.
func (c *Client) Verify(ctx context.Context, hashes []domain.InfoHash) error {
	return c.ofAll(ctx, hashes, func(ids string) call {
		return post("torrents/recheck", url.Values{"hashes": {ids}})
	})
}
