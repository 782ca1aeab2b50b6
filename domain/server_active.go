package domain

import "time"

// MostActive bounds what a server's MaxActive may be.
const MostActive = 1_000_000

// SetMaxActive changes how many torrents the client may have at a time that are not
// complete; 0 is no limit. Errors are of KindInvalid, field "maxActive".
func (s *Server) SetMaxActive(most int, now time.Time) error {
	if most < 0 || most > MostActive {
		return Invalid("maxActive", "must be from 0, which is no limit, to %d", MostActive)
	}
	s.MaxActive, s.UpdatedAt = most, Instant(now)
	return nil
}
