package qbittorrent

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

// ids are what the daemon calls those of hashes that it holds, in order. It asks
// for them by name, and where some are absent looks at everything: a torrent of
// both versions goes by the infohash of the second with the daemon, which a
// magnet of the first is only found to be when its metadata comes.
func (c *Client) ids(ctx context.Context, hashes []domain.InfoHash) ([]string, error) {
	wanted := make(map[domain.InfoHash]bool, len(hashes))
	for _, hash := range hashes {
		if !hash.IsZero() {
			wanted[hash] = true
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	torrents, err := c.named(ctx, hashes)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(wanted))
	for i := range torrents {
		if hash, err := torrents[i].infoHash(); err == nil && wanted[hash] {
			ids = append(ids, torrents[i].id)
			delete(wanted, hash)
		}
	}
	if len(wanted) == 0 {
		return ids, nil
	}
	err = c.withPicture(ctx, look{}, func(p *picture) {
		for hash := range wanted {
			if t := p.of(hash); t != nil {
				ids = append(ids, t.id)
			}
		}
	})
	return ids, err
}

// id is what the daemon calls a torrent; KindNotFound when it does not hold it.
func (c *Client) id(ctx context.Context, hash domain.InfoHash) (string, error) {
	ids, err := c.ids(ctx, []domain.InfoHash{hash})
	if err == nil && len(ids) == 0 {
		err = domain.NotFound("qbittorrent does not hold this torrent")
	}
	if err != nil {
		return "", unavailable(err)
	}
	return ids[0], nil
}
