package deluge

import (
	"context"
	"net/url"
	"slices"
	"strings"
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
				if held, ok := t.held(hash); ok {
					list = append(list, held)
				}
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
func (t *torrent) held(hash domain.InfoHash) (domain.HeldTransfer, bool) {
	magnet, err := domain.ParseMagnet(t.magnet(hash))
	if err != nil {
		return domain.HeldTransfer{}, false
	}
	result := domain.HeldTransfer{
		Transfer: t.transfer(), Magnet: magnet, Label: domain.CleanText(t.label), Folder: t.folder,
	}
	result.InfoHash = hash
	if t.addedTime > 0 {
		at := time.Unix(int64(t.addedTime), 0).UTC()
		result.AddedAt = &at
	}
	return result, true
}

// magnet names the torrent and those of its trackers that there is room for.
func (t *torrent) magnet(hash domain.InfoHash) string {
	var text strings.Builder
	text.WriteString("magnet:?xt=urn:btih:" + hash.String())
	if name := domain.CleanName(t.name); name != "" {
		text.WriteString("&dn=" + url.QueryEscape(name))
	}
	for _, one := range t.trackers {
		parameter := "&tr=" + url.QueryEscape(domain.CleanText(one.url))
		if text.Len()+len(parameter) > domain.MaxMagnetLength {
			break
		}
		text.WriteString(parameter)
	}
	return text.String()
}
