package transmission

import (
	"context"
	"errors"

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
	held, err := c.inside(ctx, hash, "wanted", "downloadDir", "metadataPercentComplete", "status", "leftUntilDone")
	if err != nil {
		return err
	}
	var wanted []int
	if settings.Unwanted != nil {
		if wanted, err = held.others(*settings.Unwanted); err != nil {
			return err
		}
	}
	if err := c.set(ctx, hash, settings, wanted); err != nil {
		return err
	}
	if settings.Unwanted != nil {
		if err := c.wakeUp(ctx, hash, held); err != nil {
			return err
		}
	}
	if settings.Folder == nil {
		return nil
	}
	return c.move(ctx, hash, held, *settings.Folder)
}

// move has the daemon move a torrent with its data, which it does after it has answered.
func (c *Client) move(ctx context.Context, hash domain.InfoHash, held object, folder string) error {
	var present string
	if err := held.read(targets{"downloadDir": &present}); err != nil || present == folder {
		return err
	}
	_, _, err := c.rpc.call(ctx, func(at handshake) (string, map[string]any) {
		return at.dialect.spell("torrent-set-location"), map[string]any{
			"ids": []domain.InfoHash{hash}, "location": folder, "move": true,
		}
	})
	return refused("folder", err)
}

// others are the indexes of all files that are not in some. The daemon reads what is
// unwanted first and what is wanted then, so that "all" would undo the former.
func (o object) others(some []int) ([]int, error) {
	var files []any // of booleans, or of zeros and ones
	var metadata float64
	if err := o.read(targets{"wanted": &files, "metadataPercentComplete": &metadata}); err != nil {
		return nil, err
	}
	if metadata < 1 || len(files) == 0 {
		return nil, errNoMetadata()
	}
	unwanted := make([]bool, len(files))
	for _, i := range some {
		if i < 0 || i >= len(files) {
			return nil, domain.Invalid("unwantedFiles", "must be indexes of the torrent's %d files, from 0", len(files))
		}
		unwanted[i] = true
	}
	all := make([]int, 0, len(files))
	for i := range files {
		if !unwanted[i] {
			all = append(all, i)
		}
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
