package graph

import (
	"context"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
	"github.com/clarion-app/download-manager/graph/page"
)

func (r *mutationResolver) AddTorrentServer(ctx context.Context, input generated.AddTorrentServerInput) (generated.AddTorrentServerPayload, error) {
	server, err := r.Servers.Register(ctx, actorOf(ctx), newServerSettings(input))
	return generated.AddTorrentServerPayload{TorrentServer: server}, err
}

func (r *mutationResolver) UpdateTorrentServer(ctx context.Context, input generated.UpdateTorrentServerInput) (generated.UpdateTorrentServerPayload, error) {
	server, err := r.Servers.Update(ctx, actorOf(ctx), input.ID, serverChanges(input))
	return generated.UpdateTorrentServerPayload{TorrentServer: server}, err
}

func (r *mutationResolver) RemoveTorrentServer(ctx context.Context, input generated.RemoveTorrentServerInput) (generated.RemoveTorrentServerPayload, error) {
	server, err := r.Servers.Remove(ctx, actorOf(ctx), input.ID, input.MoveTo)
	return generated.RemoveTorrentServerPayload{TorrentServer: server}, err
}

func (r *mutationResolver) TestTorrentServer(ctx context.Context, input generated.TestTorrentServerInput) (generated.TestTorrentServerPayload, error) {
	info, err := r.testServer(ctx, input)
	return generated.TestTorrentServerPayload{Version: shown(info.Version), FreeSpace: info.FreeSpace}, err
}

func (r *mutationResolver) CheckTorrents(ctx context.Context, input *generated.CheckTorrentsInput) (generated.CheckTorrentsPayload, error) {
	checks, err := r.Checks.CheckAll(ctx, actorOf(ctx), checkedServers(input)...)
	return generated.CheckTorrentsPayload{Checks: pointers(checks)}, err
}

func (r *queryResolver) TorrentServer(ctx context.Context, id string) (*domain.Server, error) {
	return get(ctx, id, r.Servers.Get)
}

func (r *queryResolver) TorrentServers(ctx context.Context) ([]*domain.Server, error) {
	return r.Servers.Find(ctx, actorOf(ctx))
}

func (r *queryResolver) ClientTypes(ctx context.Context) ([]domain.ClientType, error) {
	return r.Servers.ClientTypes(), nil
}

func (r *serverCheckResolver) Error(ctx context.Context, obj *app.ServerCheck) (*string, error) {
	return problemOf(obj.Err), nil
}

func (r *serverHealthResolver) Version(ctx context.Context, obj *app.ServerHealth) (*string, error) {
	info, err := loadersOf(ctx).probes.load(ctx, []*domain.Server{obj.Server})
	return versionOf(info), err
}

func (r *serverHealthResolver) FreeSpace(ctx context.Context, obj *app.ServerHealth) (*int64, error) {
	info, err := loadersOf(ctx).probes.load(ctx, []*domain.Server{obj.Server})
	return freeSpaceOf(info), err
}

func (r *serverHealthResolver) Phases(ctx context.Context, obj *app.ServerHealth) ([]*app.PhaseCount, error) {
	phases, err := loadersOf(ctx).phases.load(ctx, []*domain.Server{obj.Server})
	return phases[0], err
}

func (r *subscriptionResolver) ServerHealthChanged(ctx context.Context, ids []string) (<-chan domain.Server, error) {
	only, err := parsedIDs(ids)
	if err != nil {
		return nil, err
	}
	return r.ServerFeed.Watch(ctx, actorOf(ctx), only)
}

func (r *torrentServerResolver) Health(ctx context.Context, objs []*domain.Server) ([]app.ServerHealth, error) {
	expectHealth(ctx, objs)
	return r.Resolver.Progress.Health(ctx, objs), nil
}

func (r *torrentServerResolver) Torrents(ctx context.Context, objs []*domain.Server, first *int, after *string, last *int, before *string, filter *domain.TorrentFilter, orderBy *domain.TorrentOrder) ([]page.Connection[*domain.Torrent], error) {
	return r.serverPages(ctx, objs, page.Request{First: first, After: after, Last: last, Before: before}, filter, orderBy)
}

func (r *Resolver) ServerCheck() generated.ServerCheckResolver { return &serverCheckResolver{r} }

func (r *Resolver) ServerHealth() generated.ServerHealthResolver { return &serverHealthResolver{r} }

func (r *Resolver) TorrentServer() generated.TorrentServerResolver { return &torrentServerResolver{r} }

type (
	serverCheckResolver   struct{ *Resolver }
	serverHealthResolver  struct{ *Resolver }
	torrentServerResolver struct{ *Resolver }
)
