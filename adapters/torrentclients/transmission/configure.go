package transmission

import (
	"context"
	"errors"
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// priorities are the daemon's numbers.
var priorities = map[domain.Priority]int{domain.PriorityLow: -1, domain.PriorityNormal: 0, domain.PriorityHigh: 1}

func errNoMetadata() error {
	return domain.Conflict("the files can be chosen once the torrent's metadata is there")
}

// Configure implements ports.TransferControl: a look whether the transfer is there,
// and a request for what is to change, with another one when its data is to move.
func (c *Client) Configure(ctx context.Context, hash domain.InfoHash, settings domain.TransferSettings) error {
	if settings.Name != nil {
		return domain.Lacks(Type, domain.CapabilityRename)
	}
	held, err := c.inside(ctx, hash, "wanted", "downloadDir", "metadataPercentComplete")
	if err != nil {
		return err
	}
	var wanted []int
	if settings.Unwanted != nil {
		var files []any // of booleans, or of zeros and ones
		var metadata float64
		if err := held.read("wanted", &files, "metadataPercentComplete", &metadata); err != nil {
			return err
		}
		if metadata < 1 || len(files) == 0 {
			return errNoMetadata()
		}
		if wanted, err = others(*settings.Unwanted, len(files)); err != nil {
			return err
		}
	}
	if err := c.set(ctx, hash, settings, wanted); err != nil || settings.Folder == nil {
		return err
	}
	var folder string
	if err := held.read("downloadDir", &folder); err != nil || folder == *settings.Folder {
		return err
	}
	_, _, err = c.rpc.call(ctx, func(at handshake) (string, map[string]any) {
		return at.dialect.spell("torrent-set-location"), map[string]any{
			"ids": []domain.InfoHash{hash}, "location": *settings.Folder, "move": true,
		}
	})
	return refused("folder", err)
}

// others are the indexes below n that are not in some: the daemon reads what is
// unwanted first and what is wanted then, so that "all" would undo the former.
func others(some []int, n int) ([]int, error) {
	all := make([]int, 0, n)
	for i := range n {
		if !slices.Contains(some, i) {
			all = append(all, i)
		}
	}
	if slices.ContainsFunc(some, func(i int) bool { return i < 0 || i >= n }) {
		return nil, domain.Invalid("unwanted", "must be indexes of the torrent's %d files, from 0", n)
	}
	return all, nil
}

// set changes what torrent-set knows of: all but the folder. wanted are the files
// beside those that are not.
func (c *Client) set(ctx context.Context, hash domain.InfoHash, settings domain.TransferSettings, wanted []int) error {
	params := map[string]any{}
	if label := settings.Label; label != nil {
		labels := []string{*label}
		if *label == "" {
			labels = []string{}
		}
		params["labels"] = labels
	}
	if settings.Priority != nil {
		params["bandwidthPriority"] = priorities[*settings.Priority]
	}
	limit(params, "downloadLimit", settings.DownloadLimit)
	limit(params, "uploadLimit", settings.UploadLimit)
	if settings.Unwanted != nil {
		// An empty list is all of them.
		if len(*settings.Unwanted) > 0 {
			params["files-unwanted"] = *settings.Unwanted
		}
		if len(wanted) > 0 {
			params["files-wanted"] = wanted
		}
	}
	if len(params) == 0 {
		return nil
	}
	params["ids"] = []domain.InfoHash{hash}
	_, _, err := c.rpc.call(ctx, func(at handshake) (string, map[string]any) {
		return at.dialect.spell("torrent-set"), at.dialect.spellAll(params)
	})
	return refused("", err)
}

// limit writes a speed limit, in the daemon's units of 1000 bytes; rounded up, since
// 0 would let nothing through.
func limit(params map[string]any, name string, bytes *int64) {
	if bytes == nil {
		return
	}
	params[name+"ed"] = *bytes > 0
	if *bytes > 0 {
		params[name] = (*bytes + 999) / 1000
	}
}

// refused turns a refusal into an error about what was asked for.
func refused(field string, err error) error {
	if no, ok := errors.AsType[*refusal](err); ok && !no.notOurs {
		return domain.Invalid(field, "is refused by transmission: %s", no.message)
	}
	return unavailable(err)
}
