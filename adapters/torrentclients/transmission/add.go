package transmission

import (
	"context"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// Add implements ports.TorrentClient. What torrent-add does not take is set right
// after it; until then the transfer is paused.
func (c *Client) Add(ctx context.Context, handover domain.Handover) (domain.InfoHash, error) {
	if err := checkHandover(handover); err != nil {
		return domain.InfoHash{}, err
	}
	hash, isNew, err := c.add(ctx, handover)
	if err != nil || (!isNew && !c.begun.has(hash)) {
		return hash, err
	}
	later := addedLater(handover.Settings)
	if later.IsZero() {
		return hash, nil
	}
	c.begun.put(hash)
	if err := c.set(ctx, hash, later, nil); err != nil {
		return domain.InfoHash{}, err
	}
	if !handover.Paused {
		if err := c.Resume(ctx, []domain.InfoHash{hash}); err != nil {
			return domain.InfoHash{}, err
		}
	}
	c.begun.drop(hash)
	return hash, nil
}

func checkHandover(handover domain.Handover) error {
	switch settings := handover.Settings; {
	case handover.Magnet.IsZero():
		return domain.Invalid("magnetURI", "is required")
	case settings.Name != nil:
		return domain.Lacks(Type, domain.CapabilityRename)
	case settings.Unwanted != nil && len(*settings.Unwanted) > 0 && handover.Metainfo == nil:
		return errNoMetadata()
	}
	return nil
}

// addedLater is what torrent-add knows nothing of: labels only since 4.0.
func addedLater(s domain.TransferSettings) domain.TransferSettings {
	return domain.TransferSettings{Label: s.Label, DownloadLimit: s.DownloadLimit, UploadLimit: s.UploadLimit}
}

// add hands over by torrent-add, and tells whether the transfer was not there before.
func (c *Client) add(ctx context.Context, handover domain.Handover) (hash domain.InfoHash, isNew bool, err error) {
	settings := handover.Settings
	params := map[string]any{"paused": handover.Paused || !addedLater(settings).IsZero()}
	if handover.Metainfo != nil {
		params["metainfo"] = base64.StdEncoding.EncodeToString(handover.Metainfo)
	} else {
		params["filename"] = link(handover.Magnet)
	}
	if settings.Folder != nil {
		params["download-dir"] = *settings.Folder
	}
	if settings.Priority != nil {
		params["bandwidthPriority"] = priorities[*settings.Priority]
	}
	if settings.Unwanted != nil && len(*settings.Unwanted) > 0 {
		params["files-unwanted"] = *settings.Unwanted
	}
	answer, at, err := c.rpc.call(ctx, func(at handshake) (string, map[string]any) {
		return at.dialect.torrentAdd, at.dialect.spellAll(params)
	})
	if no, ok := errors.AsType[*refusal](err); ok && !no.notOurs {
		field := "magnetURI"
		if strings.Contains(no.message, "path is not absolute") {
			field = "folder"
		}
		return hash, false, domain.Invalid(field, "is refused by transmission: %s", no.message)
	}
	if err != nil {
		return hash, false, unavailable(err)
	}
	hash, isNew, err = readAdded(answer)
	if err == nil {
		c.memory.saw(at.session, c.now(), map[domain.InfoHash]domain.Transfer{hash: {}})
	}
	return hash, isNew, err
}

// link is the magnet as daemons read it: as it was given where that is how they
// want it, else written anew. They know xt=urn:btih: in just this spelling, not
// in capitals, percent-encoded or numbered.
func link(magnet domain.Magnet) string {
	text := magnet.String()
	plain := strings.Contains(text, "?xt=urn:btih:") || strings.Contains(text, "&xt=urn:btih:")
	if !magnet.HasV1() || (plain && strings.HasPrefix(text, "magnet:?")) {
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

// readAdded finds the infohash, and whether the torrent is new or was there.
func readAdded(answer []byte) (hash domain.InfoHash, isNew bool, err error) {
	type added struct {
		LegacyHash string `json:"hashString"`
		Hash       string `json:"hash_string"`
	}
	var result struct {
		LegacyAdded     added `json:"torrent-added"`
		LegacyDuplicate added `json:"torrent-duplicate"`
		Added           added `json:"torrent_added"`
		Duplicate       added `json:"torrent_duplicate"`
	}
	if err := decode(answer, &result); err != nil {
		return hash, false, err
	}
	for i, a := range []added{result.LegacyAdded, result.Added, result.LegacyDuplicate, result.Duplicate} {
		if hash, err := domain.ParseInfoHash(a.LegacyHash + a.Hash); err == nil {
			return hash, i < 2, nil
		}
	}
	return hash, false, nonsense(errMalformed)
}
