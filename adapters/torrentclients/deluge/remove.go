package deluge

import (
	"context"
	"slices"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// removeBatch bounds one request: a daemon removes while nobody else is served.
const removeBatch = 500

// Remove implements ports.TorrentClient.
func (c *Client) Remove(ctx context.Context, hashes []domain.InfoHash, deleteData bool) error {
	hashes = slices.DeleteFunc(slices.Clone(hashes), domain.InfoHash.IsZero)
	for batch := range slices.Chunk(hashes, removeBatch) {
		answers, err := c.rpc.call(ctx, call{method: "core.remove_torrents", arguments: []any{texts(batch), deleteData}})
		if err != nil {
			return unavailable(err)
		}
		var trouble string
		if err := answers[0].read(func(r *reader) error {
			return r.list(func() error {
				message, err := readTrouble(r)
				// What is not there counts as removed.
				if !strings.HasSuffix(message, "not in session.") {
					trouble = message
				}
				return err
			})
		}); err != nil {
			return unavailable(err)
		}
		if trouble != "" {
			return domain.Unavailable(nil, "deluge could not remove a torrent: %s", shorten(trouble))
		}
	}
	return nil
}

// readTrouble reads a pair of an infohash and what is wrong with it.
func readTrouble(r *reader) (message string, err error) {
	err = r.list(func() error {
		message, err = r.string()
		return err
	})
	return message, err
}
