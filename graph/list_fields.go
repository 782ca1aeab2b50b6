package graph

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/page"
	"github.com/clarion-app/download-manager/graph/table"
)

// The tables of the listWriter, one for each type that lists are made of. They name
// what the executor finds by the generated code; a test compares the two. A field that
// is missing here is not wrong, only slow.

func newListWriter(r *Resolver) *listWriter {
	torrents := torrentFields(r)
	return &listWriter{
		torrents: torrents,
		edges: table.New("TorrentEdge", table.Fields[page.TorrentEdge]{
			"cursor": table.Text(func(e *page.TorrentEdge) string { return e.Cursor() }),
			"node":   table.Part(torrents, func(e *page.TorrentEdge) *domain.Torrent { return e.Node }),
		}),
		servers: serverFields(r),
	}
}

func torrentFields(r *Resolver) *table.Of[domain.Torrent] {
	return table.New("Torrent", table.Fields[domain.Torrent]{
		"id":          table.ID(func(t *domain.Torrent) uuid.UUID { return t.ID }),
		"localNode":   table.Text(func(t *domain.Torrent) string { return t.LocalNode }),
		"magnetURI":   table.Text(func(t *domain.Torrent) string { return t.MagnetURI.String() }),
		"hashString":  table.Text(func(t *domain.Torrent) string { return t.HashString }),
		"name":        table.Text(func(t *domain.Torrent) string { return t.Name }),
		"status":      table.Name(func(t *domain.Torrent) domain.Status { return t.Status() }),
		"completedAt": table.MomentOrNull(func(t *domain.Torrent) *time.Time { return t.CompletedAt }),
		"createdAt":   table.Moment(func(t *domain.Torrent) time.Time { return t.CreatedAt }),
		"updatedAt":   table.Moment(func(t *domain.Torrent) time.Time { return t.UpdatedAt }),

		"paused":         table.Boolean(func(t *domain.Torrent) bool { return t.Paused }),
		"label":          table.Text(func(t *domain.Torrent) string { return t.Label }),
		"folder":         table.Text(func(t *domain.Torrent) string { return t.Folder }),
		"priority":       table.Name(func(t *domain.Torrent) domain.Priority { return cmp.Or(t.Priority, domain.PriorityNormal) }),
		"downloadLimit":  table.NumberOrNull(func(t *domain.Torrent) *int64 { return t.DownloadLimit }),
		"uploadLimit":    table.NumberOrNull(func(t *domain.Torrent) *int64 { return t.UploadLimit }),
		"unwantedFiles":  table.Numbers(func(t *domain.Torrent) []int { return t.Unwanted }),
		"onComplete":     table.Name(func(t *domain.Torrent) domain.OnComplete { return orZeroValue(t.OnComplete) }),
		"seedRatio":      table.Float(func(t *domain.Torrent) *float64 { return t.SeedRatio }),
		"seedTime":       table.Seconds(func(t *domain.Torrent) *time.Duration { return t.SeedTime }),
		"pendingChanges": table.Names(func(t *domain.Torrent) []domain.TorrentSetting { return t.PendingChanges() }),

		"problem": table.Part(problemFields(), func(t *domain.Torrent) *domain.Problem { return t.Problem }),
		"server": table.Edge(serverFields(r), func(ctx context.Context, torrents []*domain.Torrent) ([]*domain.Server, error) {
			servers, err := r.serversOf(ctx, torrents)
			return pointers(servers), err
		}),
		"user": table.Edge(userFields(), func(ctx context.Context, torrents []*domain.Torrent) ([]*domain.User, error) {
			return loadersOf(ctx).users.load(ctx, each(torrents, userID))
		}),
		"progress": table.Edge(progressFields(), func(ctx context.Context, torrents []*domain.Torrent) ([]*domain.Transfer, error) {
			return loadersOf(ctx).progress.load(ctx, torrents)
		}),
	}).First("progress") // whose finding out may tell how the servers are
}

func serverFields(r *Resolver) *table.Of[domain.Server] {
	return table.New("TorrentServer", table.Fields[domain.Server]{
		"id":           table.ID(func(s *domain.Server) uuid.UUID { return s.ID }),
		"localNode":    table.Text(func(s *domain.Server) string { return s.LocalNode }),
		"address":      table.Text(func(s *domain.Server) string { return s.Address }),
		"type":         table.Text(func(s *domain.Server) string { return string(s.Type) }),
		"onComplete":   table.Name(func(s *domain.Server) domain.OnComplete { return s.OnComplete }),
		"labels":       table.Texts(func(s *domain.Server) []string { return s.Labels }),
		"maxActive":    table.Number(func(s *domain.Server) int { return s.MaxActive }),
		"seedRatio":    table.Float(func(s *domain.Server) *float64 { return s.SeedRatio }),
		"seedTime":     table.Seconds(func(s *domain.Server) *time.Duration { return s.SeedTime }),
		"folders":      table.Texts(func(s *domain.Server) []string { return s.Folders }),
		"capabilities": table.Names(func(s *domain.Server) []domain.Capability { return r.Servers.Capabilities(s) }),
		"health": table.Edge(healthFields(), func(ctx context.Context, servers []*domain.Server) ([]*app.ServerHealth, error) {
			return pointers(r.Progress.Health(ctx, servers)), nil
		}),
		"createdAt": table.Moment(func(s *domain.Server) time.Time { return s.CreatedAt }),
		"updatedAt": table.Moment(func(s *domain.Server) time.Time { return s.UpdatedAt }),
	})
}

// healthFields lacks what is asked of the client at this moment.
func healthFields() *table.Of[app.ServerHealth] {
	return table.New("ServerHealth", table.Fields[app.ServerHealth]{
		"reachable":  table.Boolean(func(h *app.ServerHealth) bool { return h.Reachable() }),
		"lastSeenAt": table.MomentOrNull(func(h *app.ServerHealth) *time.Time { return h.LastSeenAt }),
		"problem":    table.Part(problemFields(), func(h *app.ServerHealth) *domain.Problem { return h.Problem }),
		"latency":    table.Seconds(func(h *app.ServerHealth) *time.Duration { return h.Latency }),
	})
}

func problemFields() *table.Of[domain.Problem] {
	return table.New("Problem", table.Fields[domain.Problem]{
		"code":     table.Name(func(p *domain.Problem) domain.ProblemCode { return p.Code }),
		"message":  table.Text(func(p *domain.Problem) string { return p.Message }),
		"since":    table.Moment(func(p *domain.Problem) time.Time { return p.Since }),
		"attempts": table.Number(func(p *domain.Problem) int { return p.Attempts }),
		"retryAt":  table.MomentOrNull(func(p *domain.Problem) *time.Time { return p.RetryAt }),
	})
}

func userFields() *table.Of[domain.User] {
	return table.New("User", table.Fields[domain.User]{
		"id":   table.ID(func(u *domain.User) uuid.UUID { return u.ID }),
		"name": table.Text(func(u *domain.User) string { return u.Name }),
		"role": table.Name(func(u *domain.User) domain.Role { return u.Role }),
	})
}

func progressFields() *table.Of[domain.Transfer] {
	return table.New("TorrentProgress", table.Fields[domain.Transfer]{
		"phase":         table.Name(func(t *domain.Transfer) domain.Phase { return t.Phase }),
		"fractionDone":  table.Float(func(t *domain.Transfer) *float64 { done := t.FractionDone(); return &done }),
		"metadataKnown": table.Boolean(func(t *domain.Transfer) bool { return t.MetadataKnown }),
		"bytesWanted":   table.Number(func(t *domain.Transfer) int64 { return t.BytesWanted }),
		"bytesLeft":     table.Number(func(t *domain.Transfer) int64 { return t.BytesLeft }),
		"downloadRate":  table.Number(func(t *domain.Transfer) int64 { return t.DownloadRate }),
		"uploadRate":    table.Number(func(t *domain.Transfer) int64 { return t.UploadRate }),
		"eta":           table.Seconds(func(t *domain.Transfer) *time.Duration { return t.ETA }),
		"peers":         table.Number(func(t *domain.Transfer) int { return t.Peers }),
		"ratio":         table.Float(func(t *domain.Transfer) *float64 { return knownRatio(t.Ratio) }),
		"localError":    table.Text(func(t *domain.Transfer) string { return t.LocalError }),
		"warning":       table.Text(func(t *domain.Transfer) string { return t.Warning }),
	})
}
