package qbittorrent

import (
	"net/url"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

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
