package transmission

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// Add implements ports.TorrentClient.
func (c *Client) Add(ctx context.Context, handover domain.Handover) (domain.InfoHash, error) {
	magnet := handover.Magnet
	if magnet.IsZero() {
		return domain.InfoHash{}, domain.Invalid("magnetURI", "is required")
	}
	answer, at, err := c.rpc.call(ctx, func(at handshake) (string, map[string]any) {
		return at.dialect.torrentAdd, map[string]any{"filename": link(magnet), "paused": false}
	})
	if no, ok := errors.AsType[*refusal](err); ok && !no.notOurs {
		return domain.InfoHash{}, domain.Invalid("magnetURI", "is refused by transmission: %s", no.message)
	}
	if err != nil {
		return domain.InfoHash{}, unavailable(err)
	}
	hash, err := readAdded(answer)
	if err == nil {
		c.memory.saw(at.session, c.now(), map[domain.InfoHash]domain.Transfer{hash: {}})
	}
	return hash, err
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

// readAdded finds the infohash, whether the torrent is new or was there.
func readAdded(answer []byte) (domain.InfoHash, error) {
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
		return domain.InfoHash{}, err
	}
	for _, a := range []added{result.LegacyAdded, result.LegacyDuplicate, result.Added, result.Duplicate} {
		if hash, err := domain.ParseInfoHash(a.LegacyHash + a.Hash); err == nil {
			return hash, nil
		}
	}
	return domain.InfoHash{}, nonsense(errMalformed)
}
