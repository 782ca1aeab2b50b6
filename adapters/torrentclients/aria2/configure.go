package aria2

import (
	"context"
	"encoding/json"

	"github.com/clarion-app/download-manager/domain"
)

// Configure implements ports.TransferControl. Limits apply at once; another
// selection of files starts the download anew, which the daemon does by itself.
func (c *Client) Configure(ctx context.Context, hash domain.InfoHash, settings domain.TransferSettings) error {
	if lacking := lacks(settings); lacking != nil {
		return lacking
	}
	list, err := c.look(ctx, detailKeys)
	if err != nil {
		return err
	}
	d := list.of(hash)
	switch {
	case d == nil:
		return notHeld(hash)
	case settings.Folder != nil && *settings.Folder != d.folder:
		return domain.Lacks(Type, domain.CapabilityFolder)
	}
	changed := changes(settings)
	if settings.Unwanted != nil {
		if err := c.checkSelection(ctx, d, *settings.Unwanted, changed); err != nil {
			return err
		}
	}
	switch {
	case len(changed) == 0:
		return nil
	case d.state.stopped():
		return domain.Conflict("aria2 has stopped this torrent and changes nothing about it any more")
	}
	replies, err := c.rpc.all(ctx, []request{change(d, changed)}, maxAnswer)
	if err != nil {
		return unavailable(err)
	}
	if no := replies[0].refusal; no != nil {
		return domain.Conflict("aria2 refuses: %s", no.message)
	}
	return nil
}

// lacks is the error of asking for what aria2 does not have.
func lacks(settings domain.TransferSettings) error {
	switch {
	case settings.Name != nil:
		return domain.Lacks(Type, domain.CapabilityRename)
	case settings.Label != nil:
		return domain.Lacks(Type, domain.CapabilityLabel)
	case settings.Priority != nil:
		return domain.Lacks(Type, domain.CapabilityPriority)
	}
	return nil
}

// checkSelection refuses what aria2 would not mind, and drops from changed what is
// so already: selecting starts a download anew.
func (c *Client) checkSelection(ctx context.Context, d *download, unwanted []int, changed map[string]string) error {
	if !d.hasInfo && len(unwanted) > 0 {
		return errNoFiles()
	}
	replies, err := c.rpc.all(ctx, []request{{"aria2.getFiles", []any{d.gid}}, {"aria2.getOption", []any{d.gid}}}, maxInside)
	if err != nil {
		return unavailable(err)
	}
	var files []json.RawMessage
	var options map[string]string
	for i, into := range []any{&files, &options} {
		if no := replies[i].refusal; no != nil {
			return domain.Conflict("aria2 refuses: %s", no.message)
		}
		if err := decode(replies[i].result, into); err != nil {
			return err
		}
	}
	for _, index := range unwanted {
		if index < 0 || index >= len(files) {
			return domain.Invalid("unwantedFiles", "must name files of the torrent by their indexes, 0 to %d", len(files)-1)
		}
	}
	if len(files) == 1 && len(unwanted) > 0 {
		return domain.Conflict("aria2 downloads the only file of a torrent in any case")
	}
	if options["select-file"] == changed["select-file"] || (options["select-file"] == "" && len(unwanted) == 0) {
		delete(changed, "select-file")
	} else if d.verified() {
		changed["check-integrity"] = "false" // selecting is no reason to verify everything
	}
	return nil
}
