package domain

// Slots are the places of a server's client for torrents that are not complete.
// Torrents of the same content share one.
type Slots struct {
	most  int
	taken map[InfoHash]bool
}

// NewSlots returns the slots of s, some taken by open torrents that its client has. By
// its report, what is done takes none, nor what it has lost or what was stopped.
func NewSlots(s Server, open []OpenTorrent, report Report) *Slots {
	slots := &Slots{most: s.MaxActive}
	if slots.most == 0 {
		return slots
	}
	slots.taken = map[InfoHash]bool{}
	for _, o := range open {
		transfer, found := report.Transfers[o.InfoHash]
		lost := !found && o.ProblemCode == ProblemMissing
		stopped := transfer.Phase == PhaseStopped && transfer.LocalError == ""
		if o.Accepted && o.Completed == nil && !lost && !stopped && !transfer.Finished() {
			slots.taken[o.InfoHash] = true
		}
	}
	return slots
}

// Take reports whether there is a place for content, and takes it.
func (s *Slots) Take(hash InfoHash) bool {
	if s.most == 0 || s.taken[hash] {
		return true
	}
	if len(s.taken) >= s.most {
		return false
	}
	s.taken[hash] = true
	return true
}

// Free gives back the place of content that the client refuses.
func (s *Slots) Free(hash InfoHash) { delete(s.taken, hash) }
