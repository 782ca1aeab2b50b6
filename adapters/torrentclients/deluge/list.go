package deluge

import (
	"context"
	"slices"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// A daemon that has just started, or that we have just connected to, is looked at some
// times until it is certain that it has loaded everything. Its counts are half a second
// apart.
const (
	listLook  = 600 * time.Millisecond
	listLooks = 5
)

// listKeys are what is asked about each torrent of a list.
var listKeys = slices.Concat(statusKeys, []string{"time_added", "download_location", "label", "trackers"})

// List implements ports.TransferListing. The labels are there where the plug-in is on.
func (c *Client) List(ctx context.Context) ([]domain.HeldTransfer, error) {
	ticker := time.NewTicker(listLook)
	defer ticker.Stop()
	for range listLooks {
		var list []domain.HeldTransfer
		var loaded bool
		err := c.rpc.converse(ctx, func(ctx context.Context, on *connection) (err error) {
			list = nil
			loaded, err = c.status(ctx, on, map[string]any{}, listKeys, func(hash domain.InfoHash, t *torrent) {
				list = append(list, t.held(hash))
			})
			return err
		})
		switch {
		case err != nil:
			return nil, unavailable(err)
		case loaded:
			return list, nil
		}
		select {
		case <-ticker.C:
		case <-c.rpc.closed:
			return nil, errClosed()
		case <-ctx.Done():
			return nil, c.rpc.explain(ctx, ctx, ctx.Err())
		}
	}
	return nil, domain.Unavailable(nil, "deluge has just started and is still loading its torrents")
}

// held is t with what it takes to adopt it.
func (t *torrent) held(hash domain.InfoHash) domain.HeldTransfer {
	result := domain.HeldTransfer{
		Transfer: t.transfer(), Magnet: t.magnet(hash), Label: domain.CleanText(t.label), Folder: t.folder,
	}
	result.InfoHash = hash
	if t.addedTime > 0 {
		at := time.Unix(int64(t.addedTime), 0).UTC()
		result.AddedAt = &at
	}
	return result
}

// magnet names the torrent and its trackers.
func (t *torrent) magnet(hash domain.InfoHash) domain.Magnet {
	trackers := make([]string, len(t.trackers))
	for i, one := range t.trackers {
		trackers[i] = one.url
	}
	return domain.MagnetOf(hash, t.name, trackers)
}
