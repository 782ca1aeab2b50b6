package aria2

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// List implements ports.TransferListing, in one request, and another one when there
// are magnets without metadata: their names are told among their files only, and it
// would take long to tell the files of all.
func (c *Client) List(ctx context.Context) ([]domain.HeldTransfer, error) {
	list, err := c.look(ctx, detailKeys)
	if err == nil {
		err = c.nameMagnets(ctx, list)
	}
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

// nameMagnets gives what has no metadata the name that its link has for it.
func (c *Client) nameMagnets(ctx context.Context, list listing) error {
	var nameless []*download
	var calls []request
	for _, i := range list.held {
		if d := &list.all[i]; !d.hasInfo {
			nameless = append(nameless, d)
			calls = append(calls, request{"aria2.getFiles", []any{d.gid}})
		}
	}
	for batch := range slices.Chunk(calls, batchSize) {
		replies, err := c.rpc.all(ctx, batch, maxInside)
		if err != nil {
			return unavailable(err)
		}
		for i, d := range nameless[:len(batch)] {
			if replies[i].refusal != nil {
				continue // it has gone in between
			}
			files, err := readFiles(replies[i].result, "")
			if err != nil {
				return nonsense(err)
			}
			if len(files) == 1 && !d.hasInfo {
				if name := strings.TrimPrefix(files[0].Path, "[METADATA]"); name != d.hash {
					d.name = name
				}
			}
		}
		nameless = nameless[len(batch):]
	}
	return nil
}

// magnet names the content, with its trackers.
func (d *download) magnet(hash domain.InfoHash) domain.Magnet {
	list := d.trackerList()
	trackers := make([]string, len(list))
	for i, tracker := range list {
		trackers[i] = tracker.URL
	}
	return domain.MagnetOf(hash, d.name, trackers)
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
