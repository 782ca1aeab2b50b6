package deluge

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

// The priorities of a file: anything above 0 is wanted.
const (
	fileUnwanted = 0
	fileNormal   = 4
)

// Configure implements ports.TransferControl. What can be refused is looked at before
// anything is changed, but for the folder, which the daemon has to try.
func (c *Client) Configure(ctx context.Context, hash domain.InfoHash, settings domain.TransferSettings) error {
	if settings.Priority != nil {
		return domain.Lacks(Type, domain.CapabilityPriority)
	}
	held, err := c.place(ctx, hash)
	if err != nil {
		return err
	}
	if settings.Folder != nil {
		if err := checkFolder(*settings.Folder); err != nil {
			return err
		}
	}
	options := transferOptions(settings)
	if settings.Unwanted != nil {
		priorities, err := held.filePriorities(*settings.Unwanted)
		if err != nil {
			return err
		}
		if priorities != nil {
			options["file_priorities"] = priorities
		}
	}
	if settings.Label != nil {
		if err := c.label(ctx, hash, *settings.Label); err != nil {
			return err
		}
	}
	if len(options) > 0 {
		set := call{method: "core.set_torrent_options", arguments: []any{[]string{hash.String()}, options}}
		if err := c.tell(ctx, hash, set); err != nil {
			return err
		}
	}
	if settings.Folder != nil && *settings.Folder != held.folder {
		return c.move(ctx, hash, *settings.Folder)
	}
	return nil
}

// transferOptions are the settings that the daemon calls options, under its names.
func transferOptions(settings domain.TransferSettings) map[string]any {
	options := map[string]any{}
	if settings.Name != nil {
		options["name"] = *settings.Name
	}
	if settings.DownloadLimit != nil {
		options["max_download_speed"] = limit(*settings.DownloadLimit)
	}
	if settings.UploadLimit != nil {
		options["max_upload_speed"] = limit(*settings.UploadLimit)
	}
	return options
}

// limit is a limit in bytes per second as the daemon has it: in KiB per second, with
// fractions, and -1 for none.
func limit(bytesPerSecond int64) float64 {
	if bytesPerSecond <= 0 {
		return -1
	}
	return float64(bytesPerSecond) / 1024
}

// tell makes a call about one transfer that has nothing to say but a refusal.
func (c *Client) tell(ctx context.Context, hash domain.InfoHash, what call) error {
	answers, err := c.rpc.call(ctx, what)
	if err == nil {
		err = answers[0].read((*reader).skip)
	}
	if refused(err, "KeyError") {
		return notHeld(hash)
	}
	return unavailable(err)
}

// placed is what there is to know before changing a transfer.
type placed struct {
	folder, state, message string
	files                  []int // their priorities
	known                  bool  // which files there are
}

// place asks for that.
func (c *Client) place(ctx context.Context, hash domain.InfoHash) (placed, error) {
	var p placed
	keys := []string{"download_location", "state", "message", "num_pieces", "file_priorities"}
	err := c.inside(ctx, hash, keys, func(r *reader, key string) (err error) {
		switch key {
		case "download_location":
			p.folder, err = r.string()
		case "state":
			p.state, err = r.string()
		case "message":
			p.message, err = r.string()
		case "num_pieces":
			var pieces int64
			pieces, _, err = r.number()
			p.known = pieces > 0
		case "file_priorities":
			p.files, err = readPriorities(r)
		default:
			err = r.skip()
		}
		return err
	})
	return p, err
}

func readPriorities(r *reader) (priorities []int, err error) {
	err = r.list(func() error {
		priority, _, err := r.number()
		priorities = append(priorities, int(min(max(priority, 0), 7)))
		return err
	})
	return priorities, err
}

// filePriorities are the priorities that leave these files out; nil changes nothing.
func (p placed) filePriorities(unwanted []int) ([]int, error) {
	if !p.known {
		if len(unwanted) == 0 {
			return nil, nil
		}
		return nil, unknownFiles()
	}
	return filePriorities(p.files, unwanted)
}

func unknownFiles() error {
	return domain.Conflict("deluge cannot leave files out before it has the metadata")
}

// filePriorities changes the priorities of files only as far as it must.
func filePriorities(present, unwanted []int) ([]int, error) {
	priorities := make([]int, len(present))
	for i, priority := range present {
		priorities[i] = priority
		if priority == fileUnwanted {
			priorities[i] = fileNormal
		}
	}
	for _, index := range unwanted {
		if index < 0 || index >= len(priorities) {
			return nil, domain.Invalid("unwantedFiles", "must be indexes of files, from 0 to %d", len(priorities)-1)
		}
		priorities[index] = fileUnwanted
	}
	return priorities, nil
}
