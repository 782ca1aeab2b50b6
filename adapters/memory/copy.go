package memory

import (
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// What goes in and out of a Store is copied behind every pointer, so that nobody
// alters from outside what is stored.

func copyOf[T any](pointer *T) *T {
	if pointer == nil {
		return nil
	}
	value := *pointer
	return &value
}

func copyProblem(problem *domain.Problem) *domain.Problem {
	if problem = copyOf(problem); problem != nil {
		problem.RetryAt = copyOf(problem.RetryAt)
	}
	return problem
}

// copyTorrent leaves out what the torrent has recorded.
func copyTorrent(torrent *domain.Torrent) *domain.Torrent {
	t := copyOf(torrent)
	t.TakeEvents()
	t.TakeRemovals()
	t.TakeKey()
	t.TakeMetainfo()
	t.UserID, t.CompletedAt, t.DeletedAt = copyOf(t.UserID), copyOf(t.CompletedAt), copyOf(t.DeletedAt)
	t.AcceptedAt, t.MissingSince, t.Problem = copyOf(t.AcceptedAt), copyOf(t.MissingSince), copyProblem(t.Problem)
	t.DownloadLimit, t.UploadLimit, t.Unwanted = copyOf(t.DownloadLimit), copyOf(t.UploadLimit), slices.Clone(t.Unwanted)
	t.SeedingWish = copySeedingWish(t.SeedingWish)
	return t
}

func copySeedingWish(wish domain.SeedingWish) domain.SeedingWish {
	return domain.SeedingWish{OnComplete: copyOf(wish.OnComplete), SeedRatio: copyOf(wish.SeedRatio), SeedTime: copyOf(wish.SeedTime)}
}

func copyServer(server *domain.Server) *domain.Server {
	s := copyOf(server)
	s.Health, s.DeletedAt = copyHealth(s.Health), copyOf(s.DeletedAt)
	s.Labels = slices.Clone(s.Labels)
	s.SeedRatio, s.SeedTime, s.Folders = copyOf(s.SeedRatio), copyOf(s.SeedTime), slices.Clone(s.Folders)
	return s
}

func copyHealth(health domain.ServerHealth) domain.ServerHealth {
	probed := copyOf(health.Probed)
	if probed != nil {
		probed.FreeSpace = copyOf(probed.FreeSpace)
	}
	return domain.ServerHealth{
		LastSeenAt: copyOf(health.LastSeenAt), Problem: copyProblem(health.Problem), Latency: copyOf(health.Latency), Probed: probed,
	}
}

func copyEvent(event domain.Event) domain.Event {
	event.UserID, event.CompletedAt = copyOf(event.UserID), copyOf(event.CompletedAt)
	return event
}

func copyToken(token *domain.Token) *domain.Token {
	t := copyOf(token)
	t.ExpiresAt, t.RevokedAt = copyOf(t.ExpiresAt), copyOf(t.RevokedAt)
	return t
}
