package graph

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/scalar"
)

// What is asked of the clients when it is selected or watched.

// progressQuery reads what somebody wants to watch.
func progressQuery(ids []string, filter *domain.TorrentFilter, every float64) (app.ProgressQuery, error) {
	only, err := parsedIDs(ids)
	pace := time.Duration(min(max(every, 0), 1e6) * float64(time.Second)) // which are out of bounds, too
	return app.ProgressQuery{IDs: only, Filter: filter, Every: pace}, err
}

// parsedIDs reads ids; nil when they were left out.
func parsedIDs(texts []string) ([]uuid.UUID, error) {
	if texts == nil {
		return nil, nil
	}
	ids := make([]uuid.UUID, len(texts))
	for i, text := range texts {
		var err error
		if ids[i], err = scalar.ParseUUID("ids", text); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// expectHealth has what the health of servers asks of their clients, field by field,
// asked for all of them together.
func expectHealth(ctx context.Context, servers []*domain.Server) {
	loadersOf(ctx).probes.expect(servers)
	loadersOf(ctx).phases.expect(servers)
}

func (r *Resolver) fetchProbes(ctx context.Context, servers []*domain.Server) (map[*domain.Server]*domain.ClientInfo, error) {
	found := make(map[*domain.Server]*domain.ClientInfo, len(servers))
	for i, info := range r.Insight.Probe(ctx, servers) {
		found[servers[i]] = info
	}
	return found, nil
}

func (r *Resolver) fetchPhases(ctx context.Context, servers []*domain.Server) (map[*domain.Server][]*app.PhaseCount, error) {
	counts := r.Insight.Phases(ctx, actorOf(ctx), servers)
	found := make(map[*domain.Server][]*app.PhaseCount, len(servers))
	for _, server := range servers {
		found[server] = counts[server.ID]
	}
	return found, nil
}

// versionOf is null for a client that did not answer.
func versionOf(info []*domain.ClientInfo) *string {
	if info[0] == nil {
		return nil
	}
	return shown(info[0].Version)
}

// freeSpaceOf is null for a client that did not answer.
func freeSpaceOf(info []*domain.ClientInfo) *int64 {
	if info[0] == nil {
		return nil
	}
	return info[0].FreeSpace
}
