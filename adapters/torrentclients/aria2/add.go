package aria2

import (
	"context"
	"encoding/base64"
	"errors"
	"maps"
	"net/url"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// usualRequest is how large a request a daemon takes that was not told otherwise
// (rpc-max-request-size); it hangs up on larger ones.
const usualRequest = 2 << 20

// Add implements ports.TorrentClient.
func (c *Client) Add(ctx context.Context, handover domain.Handover) (domain.InfoHash, error) {
	hash, settings := handover.InfoHash(), handover.Settings
	switch {
	case handover.Magnet.IsZero():
		return domain.InfoHash{}, domain.Invalid("magnetURI", "is required")
	case !handover.Magnet.HasV1():
		return domain.InfoHash{}, domain.Invalid("magnetURI", "names a torrent of version 2 only, which aria2 does not know")
	case settings.Folder != nil:
		return domain.InfoHash{}, domain.Lacks(Type, domain.CapabilityFolder)
	case settings.Unwanted != nil && len(*settings.Unwanted) > 0 && handover.Metainfo == nil:
		return domain.InfoHash{}, errNoFiles()
	}
	if lacking := lacks(settings); lacking != nil {
		return domain.InfoHash{}, lacking
	}
	if !c.memory.absent(hash, c.now()) {
		if held, err := c.holds(ctx, hash); err != nil || held {
			return hash, err
		}
	}
	return hash, c.add(ctx, handover)
}

func (c *Client) holds(ctx context.Context, hash domain.InfoHash) (bool, error) {
	list, err := c.look(ctx, keys)
	return err == nil && list.of(hash) != nil, err
}

// add hands over what was not there. The gid that it is given makes that safe to
// repeat, however often and from however many processes.
func (c *Client) add(ctx context.Context, handover domain.Handover) error {
	hash := handover.InfoHash()
	err := c.hand(ctx, handover)
	if no, ok := errors.AsType[*refusal](err); ok && strings.HasSuffix(no.message, "is not unique.") {
		// It is there after all, or what is left of it has the gid still.
		held, looking := c.holds(ctx, hash)
		if looking != nil || held {
			return looking
		}
		if err := c.takeOut(ctx, []domain.InfoHash{hash}); err != nil {
			return err
		}
		err = c.hand(ctx, handover)
	}
	if err == nil {
		c.memory.add(hash)
		return nil
	}
	return refused(err, handover)
}

// hand makes the call that adds a torrent. What comes of it is the gid, which is the
// one that was asked for.
func (c *Client) hand(ctx context.Context, handover domain.Handover) error {
	result, err := c.rpc.call(ctx, addition(handover, nil))
	if err != nil {
		return err
	}
	var gid string
	if err := decode(result, &gid); err != nil {
		return err
	}
	if wanted := gidFor(handover.InfoHash()); gid == "" || (wanted != "" && gid != wanted) {
		return nonsense(errMalformed)
	}
	return nil
}

// refused says whose fault it is that something was not added.
func refused(err error, handover domain.Handover) error {
	no, ok := errors.AsType[*refusal](err)
	size := base64.StdEncoding.EncodedLen(len(handover.Metainfo))
	switch {
	case ok && handover.Metainfo != nil:
		return domain.Invalid("file", "is refused by aria2: %s", no.message)
	case ok:
		return domain.Invalid("magnetURI", "is refused by aria2: %s", no.message)
	case size > usualRequest-(64<<10) && domain.KindOf(err) == domain.KindUnavailable:
		return domain.Unavailable(err, "%s (the torrent file makes a request of %d MB, and aria2 takes 2 MB if its rpc-max-request-size is not raised)",
			domain.MessageOf(err), (size+1<<20)>>20)
	}
	return err
}

// addition is the call that adds a torrent; more are options beside the usual ones.
func addition(handover domain.Handover, more map[string]string) request {
	options := map[string]string{
		// What is seeding is kept over a restart of a daemon that keeps a session.
		"force-save": "true",
		// What is there of the files is taken over. Without this aria2 stops with an
		// error where there are files of that name.
		"check-integrity": "true",
	}
	if handover.Paused {
		options["pause"] = "true"
	}
	maps.Copy(options, changes(handover.Settings))
	maps.Copy(options, more)
	if gid := gidFor(handover.InfoHash()); gid != "" {
		options["gid"] = gid
	}
	if handover.Metainfo != nil {
		return request{"aria2.addTorrent", []any{base64.StdEncoding.EncodeToString(handover.Metainfo), []string{}, options}}
	}
	return request{"aria2.addUri", []any{[]string{link(handover.Magnet)}, options}}
}

// gidFor is the gid under which a torrent is added: the beginning of its infohash,
// or "" for the one that aria2 does not take.
func gidFor(hash domain.InfoHash) string {
	gid := hash.String()[:16]
	if strings.Trim(gid, "0") == "" {
		return ""
	}
	return gid
}

// link is the magnet with all that aria2 reads of one, in the only spelling that it
// knows.
func link(magnet domain.Magnet) string {
	var text strings.Builder
	text.WriteString("magnet:?xt=urn:btih:" + magnet.InfoHash().String())
	if name := magnet.Name(); name != "" {
		text.WriteString("&dn=" + escape(name))
	}
	for _, tracker := range magnet.Trackers() {
		text.WriteString("&tr=" + escape(tracker))
	}
	return text.String()
}

// escape writes a value of a link. To aria2 a plus is a plus.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
