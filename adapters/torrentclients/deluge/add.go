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
// trackers to it. Which files are unwanted can be told with a .torrent only. A label
// that cannot be given is left out.
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
	label, err := c.possibleLabel(ctx, handover.Settings.Label)
	if err != nil {
		return domain.InfoHash{}, err
	}
	hash, fresh, err := c.add(ctx, handover, adding)
	if err == nil && fresh && label != "" {
		err = c.setLabel(ctx, hash, label)
		if domain.KindOf(err) == domain.KindInvalid { // the plug-in was turned off meanwhile
			err = nil
		}
	}
	return hash, err
}

// possibleLabel is the label to give with a torrent: "" for one that cannot be given,
// which is no reason not to download it. It is made first, so that a torrent has not
// been added when the daemon goes away over that.
func (c *Client) possibleLabel(ctx context.Context, wished *string) (string, error) {
	if wished == nil || *wished == "" {
		return "", nil
	}
	err := c.makeLabel(ctx, *wished)
	if domain.KindOf(err) == domain.KindInvalid {
		return "", nil
	}
	return *wished, err
}

// add reports as well whether the torrent was not there before.
func (c *Client) add(ctx context.Context, handover domain.Handover, adding call) (_ domain.InfoHash, fresh bool, err error) {
	answers, err := c.rpc.call(ctx, adding)
	if err != nil {
		return domain.InfoHash{}, false, unavailable(err)
	}
	var id string
	err = answers[0].read(func(r *reader) (err error) {
		id, err = r.string()
		return err
	})
	if no, ok := errors.AsType[*refusal](err); ok {
		hash, err := c.refusedToAdd(ctx, handover, no)
		return hash, false, err
	}
	if err != nil {
		return domain.InfoHash{}, false, err
	}
	hash, err := domain.ParseInfoHash(id)
	if err != nil {
		return domain.InfoHash{}, false, nonsense(errors.New("an infohash that is none"))
	}
	return hash, true, nil
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
			return call{}, err
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

// countFiles counts the files of a .torrent file, since the daemon takes priorities
// for all of them or for none. It numbers those of version 2 alone otherwise than we do.
func countFiles(content []byte) (int, error) {
	metainfo, err := domain.ParseMetainfo(content)
	if err != nil {
		return 0, err
	}
	if !metainfo.Magnet().HasV1() {
		return 0, domain.Invalid("unwantedFiles", "cannot be told of a .torrent file without a list of files of version 1")
	}
	return len(metainfo.Files()), nil
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
