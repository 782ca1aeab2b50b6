package ports

import "context"

// TorrentFetcher gets what is at an address that a user gives.
type TorrentFetcher interface {
	// Fetch asks the address, over HTTP, and follows where it leads to. It is bounded in
	// time, size and in how often it is led on, and so are all calls together; it talks
	// to no machine that the product's users should not reach through it. Errors name
	// the field "url": KindInvalid when the address cannot be right, leads to where it
	// must not, or gives too much; KindUnavailable when the same may work later.
	Fetch(ctx context.Context, url string) (FetchedTorrent, error)
}

// FetchedTorrent is what an address led to: one of these.
type FetchedTorrent struct {
	// Content is what was sent, whatever it is.
	Content []byte
	// MagnetURI is a magnet link.
	MagnetURI string
}
