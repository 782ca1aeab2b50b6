package transmission

import (
	"context"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// List implements ports.TransferListing, in one request, and one more for the age of
// a daemon that may have started lately.
func (c *Client) List(ctx context.Context) ([]domain.HeldTransfer, error) {
	asked := c.now()
	list, session, err := c.list(ctx, fieldCount, func(handshake) any { return nil })
	if err != nil {
		return nil, unavailable(err)
	}
	c.memory.saw(session, asked, nil)
	// Whether all are there is asked as if one that is unknown to us were absent.
	switch settling, err := c.settling(ctx, session, asked, []domain.InfoHash{{}}); {
	case err != nil:
		return nil, unavailable(err)
	case settling:
		return nil, domain.Unavailable(nil, "transmission has just started and may not have loaded all torrents yet")
	}
	held := make([]domain.HeldTransfer, 0, len(list.torrents))
	for i := range list.torrents {
		if one, ok := list.torrents[i].held(); ok {
			held = append(held, one)
		}
	}
	return held, nil
}

// held translates t; ok is false for an infohash that is none.
func (t *torrent) held() (one domain.HeldTransfer, ok bool) {
	hash, err := domain.ParseInfoHash(t.hash)
	if err != nil {
		return one, false
	}
	one = domain.HeldTransfer{Transfer: t.transfer(), Folder: t.folder, Label: domain.CleanText(t.label)}
	one.InfoHash = hash
	one.Magnet, err = domain.ParseMagnet(t.magnet)
	if err != nil || one.Magnet.InfoHash() != hash {
		if one.Magnet, err = domain.ParseMagnet("magnet:?xt=urn:btih:" + hash.String()); err != nil {
			return one, false
		}
	}
	if t.added > 0 {
		at := time.Unix(t.added, 0).UTC()
		one.AddedAt = &at
	}
	return one, true
}
