package domain

import (
	"math"
	"time"
)

// Probed is what a server's client said about itself when a check last asked.
type Probed struct {
	// At is when that was, also if there was no answer.
	At time.Time
	// Version as the client writes it; "" if unknown.
	Version string
	// FreeSpace is the room in its download folder in bytes; nil if unknown.
	FreeSpace *int64
	// Outstanding is how many bytes its open torrents still needed.
	Outstanding int64
}

// ProbeEvery is how seldom a check asks a client about itself.
const ProbeEvery = time.Minute

// ProbeDue reports whether a check should ask the client about itself.
func (s *Server) ProbeDue(now time.Time) bool {
	last := s.Health.Probed
	return last == nil || now.Sub(last.At) >= ProbeEvery || now.Before(last.At)
}

// Answers records what the client says about itself, with a report of the same
// check; nil when it did not answer, so that what is known stays.
func (s *Server) Answers(info *ClientInfo, report Report, now time.Time) {
	probed := Probed{At: Instant(now)}
	switch {
	case info != nil:
		probed.Version, probed.FreeSpace, probed.Outstanding = CleanName(info.Version), info.FreeSpace, report.outstanding()
	case s.Health.Probed != nil:
		probed.Version, probed.FreeSpace = s.Health.Probed.Version, s.Health.Probed.FreeSpace
		probed.Outstanding = s.Health.Probed.Outstanding
	}
	s.Health.Probed = &probed
}

// outstanding is how many bytes the transfers still need.
func (r Report) outstanding() (sum int64) {
	for _, transfer := range r.Transfers {
		if transfer.MetadataKnown {
			sum = addBytes(sum, transfer.BytesLeft)
		}
	}
	return sum
}

// PromiseKept reports whether the free space of s was asked for so long after at that
// what was placed on it then counts as outstanding, or is there.
func (s *Server) PromiseKept(at time.Time) bool {
	return s.Health.Probed != nil && s.Health.Probed.At.Sub(at) >= ProbeEvery
}

// Promise counts the bytes of one more torrent; 0 if unknown. A negative number takes
// back a promise.
func (l *ServerLoad) Promise(size int64) {
	if size < 0 {
		l.Promised = max(l.Promised+max(size, -mostBytes), 0)
		return
	}
	l.Promised = addBytes(l.Promised, size)
}

// mostBytes bounds sums of what magnets and clients claim, so that none overflows.
const mostBytes = math.MaxInt64 / 8

func addBytes(sum, more int64) int64 {
	return min(sum+min(max(more, 0), mostBytes), mostBytes)
}
