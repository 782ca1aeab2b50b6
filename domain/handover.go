package domain

// Handover is what a client is given of a torrent: what to download, and how.
type Handover struct {
	// Magnet names the content. It is always there: made from the metainfo where
	// that is what was given.
	Magnet Magnet
	// Metainfo is the .torrent file (BEP 3) as it came; nil when only the magnet is
	// known.
	Metainfo []byte
	// Settings are what the transfer begins with.
	Settings TransferSettings
	// Paused: the client is not to start it.
	Paused bool
}

// InfoHash names the content that is handed over.
func (h Handover) InfoHash() InfoHash { return h.Magnet.InfoHash() }
