package qbittorrent

import (
	"context"
	"net/url"
	"strconv"

	"github.com/clarion-app/download-manager/domain"
)

// Remove implements ports.TorrentClient.
func (c *Client) Remove(ctx context.Context, hashes []domain.InfoHash, deleteData bool) error {
	return c.ofAll(ctx, hashes, func(ids string) call {
		return post("torrents/delete", url.Values{"hashes": {ids}, "deleteFiles": {strconv.FormatBool(deleteData)}})
	})
}
