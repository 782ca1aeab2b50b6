package aria2

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// List implements ports.TransferListing, in one request.
func (c *Client) List(ctx context.Context) ([]domain.HeldTransfer, error) {
	list, err := c.look(ctx, detailKeys)
	if err != nil {
		return nil, err
	}
	held := make([]domain.HeldTransfer, 0, len(list.held))
	for _, i := range list.held {
		d := &list.all[i]
		hash, err := domain.ParseInfoHash(d.hash)
		if err != nil {
			return nil, nonsense(errMalformed)
		}
		held = append(held, domain.HeldTransfer{Transfer: d.transfer(hash), Magnet: d.magnet(hash), Folder: domain.CleanText(d.folder)})
	}
	return held, nil
}

// magnet names the content, with the trackers that it has.
func (d *download) magnet(hash domain.InfoHash) domain.Magnet {
	plain := "magnet:?xt=urn:btih:" + hash.String()
	text := plain
	if name := domain.CleanName(d.name); name != "" {
		text += "&dn=" + url.QueryEscape(name)
	}
	for _, tracker := range d.trackerList() {
		text += "&tr=" + url.QueryEscape(tracker.URL)
	}
	magnet, err := domain.ParseMagnet(text)
	if err != nil { // too many trackers for a link
		magnet, _ = domain.ParseMagnet(plain)
	}
	return magnet
}

// trackerList reads the trackers, by tier; those that cannot be read are passed over.
func (d *download) trackerList() []domain.Tracker {
	var tiers [][]string
	if json.Unmarshal(d.trackers, &tiers) != nil {
		return nil
	}
	var trackers []domain.Tracker
	for tier, urls := range tiers {
		for _, text := range urls {
			if text = strings.TrimSpace(domain.CleanText(text)); text != "" {
				trackers = append(trackers, domain.Tracker{URL: text, Tier: tier})
			}
		}
	}
	return trackers
}
