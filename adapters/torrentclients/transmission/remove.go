package transmission

import (
	"context"
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// removeBatch bounds one request: a daemon removes while nobody else is served.
const removeBatch = 1000

// Remove implements ports.TorrentClient. A torrent-remove without ids, or with
// ids that a daemon does not see, removes everything: so the ids are always
// there, and in the place where the dialect looks for them.
func (c *Client) Remove(ctx context.Context, hashes []domain.InfoHash, deleteData bool) error {
	hashes = named(hashes)
	for batch := range slices.Chunk(hashes, removeBatch) {
		_, _, err := c.rpc.call(ctx, func(at handshake) (string, map[string]any) {
			return at.dialect.torrentRemove, map[string]any{
				"ids": batch, at.dialect.deleteLocalData: deleteData,
			}
		})
		if err != nil {
			return unavailable(err)
		}
	}
	return nil
}
