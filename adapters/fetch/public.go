package fetch

import (
	"net/netip"
	"slices"
)

// notPublic are networks that are no part of the Internet, or lead to such: those of
// IANA's registries of special-purpose addresses, and multicast.
var notPublic = prefixes(
	"0.0.0.0/8",        // this network
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // behind carriers' NAT; also where one cloud keeps its metadata
	"127.0.0.0/8",      // this machine
	"168.63.129.16/32", // where another cloud does
	"169.254.0.0/16",   // link-local; where most do
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // 6to4 relays
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // benchmarks
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, broadcast

	"2001::/23",     // protocol assignments; Teredo leads to any IPv4 address
	"2001:db8::/32", // documentation
	"2002::/16",     // 6to4, which does, too
	"3fff::/20",     // documentation
)

var (
	// unicast is all that has been given out of IPv6: what is not in it, such as
	// loopback, link-local and unique local addresses, is not public.
	unicast = netip.MustParsePrefix("2000::/3")
	// translated is where networks without IPv4 find it.
	translated = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// isPublic reports whether anybody on the Internet could reach an address.
func isPublic(address netip.Addr) bool {
	address = address.WithZone("").Unmap()
	if translated.Contains(address) {
		bytes := address.As16()
		address = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	if address.Is6() && !unicast.Contains(address) {
		return false
	}
	return address.IsValid() && !slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(address) })
}
