package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// Count is how many torrents Find would return without a page.
func (a *Torrents) Count(ctx context.Context, actor domain.Actor, filter domain.TorrentFilter) (int, error) {
	filter, some, err := visible(actor, filter)
	if err != nil || !some {
		return 0, err
	}
	return a.Counts.Count(ctx, filter)
}

// CountOnServers is how many torrents each server's list holds for the actor, in
// one query. A server without any may be absent.
func (a *Torrents) CountOnServers(
	ctx context.Context, actor domain.Actor, serverIDs []uuid.UUID, filter domain.TorrentFilter,
) (map[uuid.UUID]int, error) {
	filter, some, err := visible(actor, filter)
	if err != nil || !some {
		return nil, err
	}
	return a.Counts.CountOnServers(ctx, serverIDs, filter)
}

// CountBy is how many torrents Find would return, by status, server and user, in
// one query.
func (a *Torrents) CountBy(ctx context.Context, actor domain.Actor, filter domain.TorrentFilter) (domain.TorrentCounts, error) {
	filter, some, err := visible(actor, filter)
	if err != nil || !some {
		return domain.NewTorrentCounts(nil, nil, nil), err
	}
	return a.Counts.CountBy(ctx, filter)
}
