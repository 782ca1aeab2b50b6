package deluge

import (
	"context"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// Add implements ports.TorrentClient. A .torrent of what is there already adds its
// trackers to it. Which files are unwanted can be told with a .torrent only.
func (c *Client) Add(ctx context.Context, handover domain.Handover) (domain.InfoHash, error) {
	if handover.Magnet.IsZero() {
		return domain.InfoHash{}, domain.Invalid("magnetURI", "is required")
	}
	if handover.Settings.Priority != nil {
		return domain.InfoHash{}, domain.Lacks(Type, domain.CapabilityPriority)
	}
	adding, err := addCall(handover)
	if err != nil {
		return domain.InfoHash{}, err
	}
	label := handover.Settings.Label
	if label != nil && *label != "" {
		// First, so that what is refused for its label has not been added.
		if err := c.makeLabel(ctx, *label); err != nil {
			return domain.InfoHash{}, err
		}
	}
	hash, err := c.add(ctx, handover, adding)
	if err == nil && label != nil && *label != "" {
		err = c.setLabel(ctx, hash, *label)
	}
	return hash, err
}

func (c *Client) add(ctx context.Context, handover domain.Handover, adding call) (domain.InfoHash, error) {
	answers, err := c.rpc.call(ctx, adding)
	if err != nil {
		return domain.InfoHash{}, unavailable(err)
	}
	var id string
	err = answers[0].read(func(r *reader) (err error) {
		id, err = r.string()
		return err
	})
	if no, ok := errors.AsType[*refusal](err); ok {
		return c.refusedToAdd(ctx, handover, no)
	}
	if err != nil {
		return domain.InfoHash{}, err
	}
	hash, err := domain.ParseInfoHash(id)
	if err != nil {
		return domain.InfoHash{}, nonsense(errors.New("an infohash that is none"))
	}
	return hash, nil
}

// addCall makes the request that hands a torrent over.
func addCall(handover domain.Handover) (call, error) {
	options := transferOptions(handover.Settings)
	options["add_paused"] = handover.Paused
	if folder := handover.Settings.Folder; folder != nil {
		if err := checkFolder(*folder); err != nil {
			return call{}, err
		}
		options["download_location"] = *folder
	}
	unwanted := handover.Settings.Unwanted
	choosy := unwanted != nil && len(*unwanted) > 0
	switch {
	case handover.Metainfo == nil && choosy:
		return call{}, unknownFiles()
	case handover.Metainfo == nil:
		return call{method: "core.add_torrent_magnet", arguments: []any{link(handover.Magnet), options}}, nil
	case choosy:
		count, err := countFiles(handover.Metainfo)
		if err != nil {
			return call{}, domain.Invalid("unwantedFiles", "cannot be told of this .torrent file: %v", err)
		}
		priorities, err := filePriorities(make([]int, count), *unwanted)
		if err != nil {
			return call{}, err
		}
		options["file_priorities"] = priorities
	}
	name := handover.InfoHash().String() + ".torrent"
	return call{method: "core.add_torrent_file", arguments: []any{name, base64.StdEncoding.EncodeToString(handover.Metainfo), options}}, nil
}

// refusedToAdd finds out whether the torrent was refused because it is there.
func (c *Client) refusedToAdd(ctx context.Context, handover domain.Handover, no *refusal) (domain.InfoHash, error) {
	// A torrent of both versions is there by its other infohash, which the daemon names:
	// "Torrent already in session (HASH)."
	hashes := []domain.InfoHash{handover.InfoHash()}
	_, named, _ := strings.Cut(no.message, "(")
	named, _, _ = strings.Cut(named, ")")
	if other, err := domain.ParseInfoHash(named); err == nil {
		hashes = append(hashes, other)
	}
	report, err := c.Transfers(ctx, hashes)
	if err != nil {
		return domain.InfoHash{}, err
	}
	for hash := range report.Transfers {
		return hash, nil
	}
	field := "magnetURI"
	if handover.Metainfo != nil {
		field = "file"
	}
	switch {
	case strings.Contains(no.message, "already being added"):
		return domain.InfoHash{}, domain.Unavailable(no, "deluge is still loading this torrent")
	case strings.Contains(no.message, "already exists"):
		return domain.InfoHash{}, domain.Conflict("deluge holds this torrent by its infohash of version 2")
	}
	return domain.InfoHash{}, domain.Invalid(field, "is refused by deluge: %s", no.message)
}

// link is the magnet as the daemon reads it: as it was given where that is how it
// wants it, else written anew. It knows xt=urn:btih: in just this spelling, not in
// capitals, percent-encoded or numbered. What names a version 2 of the torrent as
// well is written without: the daemon would go by that.
func link(magnet domain.Magnet) string {
	text := magnet.String()
	plain := strings.Contains(text, "?xt=urn:btih:") || strings.Contains(text, "&xt=urn:btih:")
	if !magnet.HasV1() || (plain && strings.HasPrefix(text, "magnet:?") && magnet.InfoHashV2() == "") {
		return text
	}
	parameters := []string{"xt=urn:btih:" + magnet.InfoHash().String()}
	add := func(key string, values ...string) {
		for _, value := range values {
			if value != "" {
				parameters = append(parameters, key+"="+url.QueryEscape(value))
			}
		}
	}
	add("dn", magnet.Name())
	add("tr", magnet.Trackers()...)
	add("ws", magnet.WebSeeds()...)
	add("x.pe", magnet.Peers()...)
	add("so", magnet.SelectOnly())
	return "magnet:?" + strings.Join(parameters, "&")
}
