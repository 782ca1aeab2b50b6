package rtorrent

import (
	"net/url"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// link is the magnet as the daemon reads it: as it was given where that is how it
// wants it, else written anew. It knows xt=urn:btih: in just this spelling, not in
// capitals, percent-encoded or numbered, and no other topic beside it.
func link(magnet domain.Magnet) string {
	text := magnet.String()
	topics := strings.Count(text, "?xt") + strings.Count(text, "&xt")
	plain := strings.Contains(text, "?xt=urn:btih:") || strings.Contains(text, "&xt=urn:btih:")
	if topics == 1 && plain && strings.HasPrefix(text, "magnet:?") {
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
	add("x.pe", magnet.Peers()...)
	return "magnet:?" + strings.Join(parameters, "&")
}
