package domain

import "strings"

// MagnetOf is a link to what a client holds: its infohash, its name ("" for none), and
// as many of its trackers, in their order, as there is room for.
func MagnetOf(hash InfoHash, name string, trackers []string) Magnet {
	var text strings.Builder
	text.WriteString("magnet:?xt=urn:btih:" + hash.String())
	if name = CleanName(name); name != "" {
		text.WriteString("&dn=" + escape(name))
	}
	for _, tracker := range trackers {
		if parameter := "&tr=" + escape(CleanText(tracker)); text.Len()+len(parameter) <= MaxMagnetLength {
			text.WriteString(parameter)
		}
	}
	return StoredMagnet(text.String(), hash)
}
