package qbittorrent

import (
	"context"
	"errors"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// List implements ports.TransferListing. A daemon opens its API when it has
// loaded all its torrents, so that none are missing.
func (c *Client) List(ctx context.Context) ([]domain.HeldTransfer, error) {
	question := get("torrents/info", nil)
	question.list = true
	got, err := c.api.do(ctx, question)
	if err != nil {
		return nil, unavailable(err)
	}
	torrents, err := readTorrents(got.body, true)
	if err != nil {
		return nil, nonsense(err)
	}
	held := make([]domain.HeldTransfer, 0, len(torrents))
	for i := range torrents {
		transfer, err := torrents[i].held()
		if err != nil {
			return nil, nonsense(err)
		}
		held = append(held, transfer)
	}
	return held, nil
}

func (t *torrent) held() (domain.HeldTransfer, error) {
	hash, err := t.infoHash()
	if err != nil {
		return domain.HeldTransfer{}, errors.New("a torrent's hash is none")
	}
	held := domain.HeldTransfer{Transfer: t.transfer(), Label: t.listed.category, Folder: t.listed.folder}
	held.InfoHash = hash
	held.Magnet, err = domain.ParseMagnet(t.listed.magnet)
	if err != nil || held.Magnet.InfoHash() != hash {
		// The link is whatever the torrent's maker has put into it.
		if held.Magnet, err = domain.ParseMagnet("magnet:?xt=urn:btih:" + hash.String()); err != nil {
			return domain.HeldTransfer{}, err
		}
	}
	if t.listed.addedAt > 0 {
		at := time.Unix(t.listed.addedAt, 0).UTC()
		held.AddedAt = &at
	}
	return held, nil
}
