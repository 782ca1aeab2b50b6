package fetch

import "net/netip"

// IsPublic is isPublic.
var IsPublic = isPublic

// AllowBytes bounds files more tightly, for what takes a test long.
func (f *Fetcher) AllowBytes(most int) { f.most = most }

// AllowOnly lets a Fetcher connect to one machine in place of all that are public.
func (f *Fetcher) AllowOnly(machine string) {
	only := netip.MustParseAddr(machine)
	f.allowed = func(address netip.Addr) bool { return address == only }
}
