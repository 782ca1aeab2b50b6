package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// silence is that a server did not answer somebody who looked.
type silence struct {
	at      time.Time
	message string
}

// silenceKept is how long that is remembered when nothing newer is known. The next
// check of the server, which is stored, comes long before.
const silenceKept = time.Minute

// announce tells that servers are about to be asked, so that whoever wants to know
// how they are can wait for the outcome. done must be called after that.
func (a *Progress) announce(serverIDs []uuid.UUID) (done func()) {
	over := make(chan struct{})
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.coming == nil {
		a.coming = map[uuid.UUID]map[chan struct{}]struct{}{}
	}
	for _, id := range serverIDs {
		if a.coming[id] == nil {
			a.coming[id] = map[chan struct{}]struct{}{}
		}
		a.coming[id][over] = struct{}{}
	}
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		close(over)
		for _, id := range serverIDs {
			delete(a.coming[id], over)
			if len(a.coming[id]) == 0 {
				delete(a.coming, id)
			}
		}
	}
}

// outcome waits until those have their answer who are asking a server now, whoever
// comes after them.
func (a *Progress) outcome(ctx context.Context, serverID uuid.UUID) {
	a.mu.Lock()
	asking := slices.Collect(maps.Keys(a.coming[serverID]))
	a.mu.Unlock()
	for _, over := range asking {
		select {
		case <-over:
		case <-ctx.Done():
		}
	}
}

// heard notes how a server was found by somebody who looked: err is nil if it
// answered.
func (a *Progress) heard(serverID uuid.UUID, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.note(serverID, err, time.Now())
}

// note is heard under mu.
func (a *Progress) note(serverID uuid.UUID, err error, now time.Time) {
	if a.silences == nil {
		a.silences = map[uuid.UUID]silence{}
	}
	maps.DeleteFunc(a.silences, func(id uuid.UUID, s silence) bool { return id == serverID || now.Sub(s.at) > silenceKept })
	if err != nil {
		a.silences[serverID] = silence{at: now, message: domain.MessageOf(err)}
	}
}

// silentSince reports whether a server did not answer when it was asked last, at or
// after a moment.
func (a *Progress) silentSince(serverID uuid.UUID, moment time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	silence, silent := a.silences[serverID]
	return silent && !silence.at.Before(moment)
}

// looksAfter reports whether a server is asked by this process at all.
func (a *Progress) looksAfter(server *domain.Server) bool {
	return server.DeletedAt == nil && (a.Node == "" || server.LocalNode == a.Node)
}

// ServerHealth is how a server is.
type ServerHealth struct {
	domain.ServerHealth
	// Server is whose health it is.
	Server *domain.Server
}

// Health returns how servers are, in their order: as the last check found them, or,
// where somebody has looked since and got no answer, as that. It waits for those who
// are looking at this moment, as long as they do or little more than Patience: a page
// that asks for the progress of torrents and the health of their servers is of one
// piece.
func (a *Progress) Health(ctx context.Context, servers []*domain.Server) []ServerHealth {
	patience, cancel := context.WithTimeout(ctx, a.Patience+a.Patience/4)
	defer cancel()
	found := make([]ServerHealth, len(servers))
	for i, server := range servers {
		found[i] = ServerHealth{ServerHealth: server.Health, Server: server}
		if server.Health.Reachable() {
			found[i].ServerHealth = a.health(patience, server)
		}
	}
	return found
}

func (a *Progress) health(ctx context.Context, server *domain.Server) domain.ServerHealth {
	a.outcome(ctx, server.ID)
	a.mu.Lock()
	defer a.mu.Unlock()
	silence, silent := a.silences[server.ID]
	seen := server.Health.LastSeenAt
	if !silent || time.Since(silence.at) > silenceKept || seen != nil && seen.After(silence.at) {
		return server.Health
	}
	health := server.Health
	health.Problem = &domain.Problem{
		Code: domain.ProblemUnavailable, Message: silence.message, Since: domain.Instant(silence.at), Attempts: 1,
	}
	return health
}
