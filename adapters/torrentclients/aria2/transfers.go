package aria2

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

// Transfers implements ports.TorrentClient: one request, whatever is asked for. The
// protocol knows no changes, and which download stands for a torrent shows only when
// all are seen.
//
// A report is never settling: a daemon has read its session before it answers. What
// is absent after a restart was not in it, and is gone.
func (c *Client) Transfers(ctx context.Context, hashes []domain.InfoHash) (domain.Report, error) {
	list, err := c.look(ctx, keys)
	if err != nil {
		return domain.Report{}, err
	}
	report := domain.Report{Transfers: make(map[domain.InfoHash]domain.Transfer, len(hashes))}
	for _, hash := range hashes {
		if d := list.of(hash); d != nil {
			report.Transfers[hash] = d.transfer(hash)
		}
	}
	return report, nil
}
