package domain

import "time"

// FailoverDue reports whether what waits for s may go elsewhere: it has not been well
// for as long as patience; 0 is for ever.
func (s *Server) FailoverDue(patience time.Duration, now time.Time) bool {
	return patience > 0 && s.Health.Problem != nil && now.Sub(s.Health.Problem.Since) >= patience
}

// TakesOver reports whether what waits for another server may go to s: it has been
// seen, and is well.
func (s *Server) TakesOver() bool { return s.Health.LastSeenAt != nil && s.Health.Reachable() }

// CanFailOver reports whether t waits for server, and its client never had it.
func (t *Torrent) CanFailOver(server Server) bool {
	return t.Open() && t.ServerID == server.ID && t.AcceptedAt == nil && !t.Begun
}

// SuitedTo reports whether a server, and its type of client, can do all that t wishes:
// put it into its folder, above all.
func (t *Torrent) SuitedTo(server Server, capabilities func(ClientType) Capabilities) bool {
	w := Wishes{
		Paused: Optional[bool]{Set: t.Paused, Value: t.Paused}, Folder: Optional[string]{Set: t.Folder != "", Value: t.Folder},
		Priority:   Optional[Priority]{Set: t.wished().Has(SettingPriority), Value: t.Priority},
		Unwanted:   Optional[[]int]{Set: len(t.Unwanted) > 0, Value: t.Unwanted},
		OnComplete: Optional[*OnComplete]{Set: t.OnComplete != nil, Value: t.OnComplete},
	}
	if t.DownloadLimit != nil {
		w.DownloadLimit = Some(*t.DownloadLimit)
	}
	if t.UploadLimit != nil {
		w.UploadLimit = Some(*t.UploadLimit)
	}
	return w.CheckOn(server, capabilities) == nil // name and label are fine everywhere
}

// FailOver moves t to another server if it CanFailOver, and reports whether it did.
// The old one is to let go of it: it may have been given the torrent by a hand-over
// whose answer was lost.
func (t *Torrent) FailOver(from, to Server, now time.Time) bool {
	if !t.CanFailOver(from) || from.ID == to.ID {
		return false
	}
	t.AssignServer(to, now)
	return true
}
