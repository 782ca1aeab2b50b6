package domain

// Candidate is a server that torrents may be placed on, with what is on it.
type Candidate struct {
	*Server
	ServerLoad
	// Closed: nothing is placed on it, but what has its labels is not for others.
	Closed bool
}

// ServerLoad is how much a server has to do.
type ServerLoad struct {
	// Open counts the open torrents.
	Open int
	// Active counts those of them that are neither paused nor in trouble; 0 unless
	// asked for.
	Active int
	// Promised is how many bytes torrents will need that the server's client was not
	// known to have when it was last asked for its free space.
	Promised int64
}

// Full reports whether as many torrents are open as may be active.
func (c *Candidate) Full() bool { return c.MaxActive > 0 && c.Open >= c.MaxActive }

// Room is the free space that is promised to nothing; false when the client did not
// tell.
func (c *Candidate) Room() (int64, bool) {
	if c.Health.Probed == nil || c.Health.Probed.FreeSpace == nil {
		return 0, false
	}
	return *c.Health.Probed.FreeSpace - c.Health.Probed.Outstanding - c.Promised, true
}
